package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.http.HttpResponse;
import dev.fncluster.api.model.Headers;
import java.util.concurrent.CountDownLatch;

/** What extensions do that should not, by the name that a test asks for it. */
final class Misbehaviour {
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  private Misbehaviour() {}

  /** Does it, or returns {@code value} if it knows none of that name. */
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  static <T> T of(String how, T value) throws Exception {
    return switch (how) {
      case "refused" -> throw new ServiceException(418, "no tea");
      case "thrown" -> throw new IllegalStateException("secret");
      case "nothing" -> null;
      case "hung" -> {
        NEVER.await();
        yield value;
      }
      default -> value;
    };
  }

  /** Does not come back. */
  static void hang() throws InterruptedException {
    NEVER.await();
  }

  /** Null where the type says that there is none. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // As a plugin may do.
  static <T> T nothing() {
    return null;
  }

  /** An answer that none can be. */
  static HttpResponse answer(String how) {
    return switch (how) {
      case "null" -> nothing();
      case "null headers" -> new HttpResponse(200, nothing(), new byte[0]);
      case "null body" -> new HttpResponse(200, new Headers(), nothing());
      case "no status" -> HttpResponse.empty(0);
      case "interim status" -> HttpResponse.empty(100);
      default -> throw new IllegalArgumentException(how);
    };
  }
}
