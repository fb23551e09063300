package dev.fncluster.api.guard;

import dev.fncluster.api.auth.Scope;
import java.util.EnumSet;
import java.util.Set;

/** A part of what a node serves, and the scopes of which a caller needs one. */
public enum Guarded {
  /** The management API: what changes something is for admins. */
  MANAGEMENT {
    @Override
    Set<Scope> scopes(String method, String pattern) {
      Set<Scope> scopes = EnumSet.of(Scope.ADMIN);
      boolean look = method.equals("GET") && LOOKED_UP.contains(pattern);
      if (look) {
        scopes.add(Scope.LOOKUP);
      }
      if (method.equals("GET") && !pattern.startsWith("/v2/runner/")) {
        scopes.add(Scope.READ);
      }
      return scopes;
    }
  },
  /** Calls by the id of a function. */
  INVOKE {
    @Override
    Set<Scope> scopes(String method, String pattern) {
      return EnumSet.of(Scope.INVOKE);
    }
  },
  /** Calls through triggers. */
  TRIGGERS {
    @Override
    Set<Scope> scopes(String method, String pattern) {
      return EnumSet.of(Scope.INVOKE);
    }
  },
  /** What a node tells about itself, where users reach it. */
  METRICS {
    @Override
    Set<Scope> scopes(String method, String pattern) {
      return EnumSet.of(Scope.ADMIN, Scope.READ);
    }
  };

  // What load balancers read; see HybridClient.
  private static final Set<String> LOOKED_UP =
      Set.of(
          "/v2/apps",
          "/v2/apps/{app_id}",
          "/v2/fns/{fn_id}",
          "/v2/runner/apps/{app_id}/triggerBySource/{trigger_type}/*trigger_source");

  /** The scopes for a route. */
  abstract Set<Scope> scopes(String method, String pattern);
}
