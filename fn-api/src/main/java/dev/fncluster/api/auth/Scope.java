package dev.fncluster.api.auth;

import java.util.Optional;
import org.apiguardian.api.API;

/** One kind of thing that a caller may do. No scope holds another. */
@API(status = API.Status.STABLE, since = "0.1")
public enum Scope {
  /** Everything of the management API. */
  ADMIN("admin"),
  /** To read the management API, and metrics that stand on the port for users. */
  READ("read"),
  /** What a load balancer reads from an API node, and no more. */
  LOOKUP("lookup"),
  /** To call functions. */
  INVOKE("invoke");

  private final String text;

  Scope(String text) {
    this.text = text;
  }

  /** The word for it in files and tokens. */
  public String text() {
    return text;
  }

  /** The scope of that word; empty for any other word. */
  public static Optional<Scope> of(String text) {
    for (Scope each : values()) {
      if (each.text.equals(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
