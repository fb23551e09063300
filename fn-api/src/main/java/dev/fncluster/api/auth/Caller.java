package dev.fncluster.api.auth;

import java.util.Optional;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * Who sent a request, as far as it matters here: what that one may do. Immutable.
 *
 * @param id tells callers apart in logs; no secret
 * @param scopes what may be done
 * @param apps the ids of the apps to which that is limited; empty for all apps
 */
@API(status = API.Status.STABLE, since = "0.1")
public record Caller(String id, Set<Scope> scopes, Optional<Set<String>> apps) {
  /** Stands for every caller where nobody is asked for a token. */
  public static final Caller ANYONE = new Caller("", Set.of(Scope.values()), Optional.empty());

  /** Copies the sets. */
  public Caller {
    scopes = Set.copyOf(scopes);
    apps = apps.map(Set::copyOf);
  }

  /** Whether this one has any of {@code wanted}. */
  public boolean hasAny(Set<Scope> wanted) {
    for (Scope each : wanted) {
      if (scopes.contains(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether this one may have to do with only some apps. */
  public boolean isLimited() {
    return apps.isPresent();
  }

  /**
   * Returns if this one may have to do with an app, and everything in it.
   *
   * @throws dev.fncluster.api.error.ServiceException 403 otherwise
   */
  public void requireApp(String appId) {
    if (apps.isPresent() && !apps.get().contains(appId)) {
      throw AuthErrors.otherApp();
    }
  }

  /**
   * Returns if this one is limited to no apps.
   *
   * @throws dev.fncluster.api.error.ServiceException 403 otherwise
   */
  public void requireAllApps() {
    if (apps.isPresent()) {
      throw AuthErrors.limited();
    }
  }
}
