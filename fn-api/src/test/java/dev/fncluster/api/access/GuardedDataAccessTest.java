package dev.fncluster.api.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.plugin.ExtensionRunner;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Where an embedding program reads functions from: what becomes of it when it misbehaves. */
final class GuardedDataAccessTest {
  private static ReadDataAccess guarded(Callable<String> appId) {
    return new GuardedDataAccess(
        new ReadDataAccess() {
          @Override
          public String appIdByName(String name) {
            try {
              return appId.call();
            } catch (RuntimeException e) {
              throw e;
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }

          @Override
          public App app(String id) {
            throw new ServiceException(404, "App not found");
          }

          @Override
          public Fn fn(String id) {
            throw new ServiceException(404, "Fn not found");
          }

          @Override
          public Trigger triggerBySource(String appId, String type, String source) {
            throw new ServiceException(404, "Trigger not found");
          }
        },
        new ExtensionRunner(Duration.ofSeconds(2)));
  }

  private static void assertFailed(Callable<String> appId) {
    assertThatThrownBy(() -> guarded(appId).appIdByName("a"))
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(500);
              assertThat(e.publicMessage()).isEqualTo("an extension of this server failed");
            });
  }

  @Test
  void whatItSaysComesThrough() {
    ReadDataAccess access = guarded(() -> "id");
    assertThat(access.appIdByName("a")).isEqualTo("id");
    assertThatThrownBy(() -> access.app("a")).hasMessage("App not found");
    assertThatThrownBy(() -> access.fn("f")).hasMessage("Fn not found");
    assertThatThrownBy(() -> access.triggerBySource("a", "http", "/x"))
        .hasMessage("Trigger not found");
  }

  @Test
  @SuppressWarnings("NullAway") // What a program compiled without checks may do.
  void whatThrowsOrReturnsNullFailsItsLookUp() {
    assertFailed(() -> {
      throw new IllegalStateException("secret");
    });
    assertFailed(() -> null);
  }

  @Test
  void aLookUpThatHangsFailsAndHoldsUpNoOther() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(CachedDataAccess.LOADS_AT_ONCE + 1);
    ReadDataAccess hanging =
        guarded(() -> {
          try {
            never.await();
          } finally {
            interrupted.countDown();
          }
          return "late";
        });
    try (CachedDataAccess cached = CachedDataAccess.create(hanging)) {
      for (int i = 0; i < CachedDataAccess.LOADS_AT_ONCE + 1; i++) {
        var unused = cached.appIdByName("app" + i);
      }
      // More than there are turns: each has got one.
      assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(() -> cached.app("a").get(60, TimeUnit.SECONDS))
          .hasRootCauseMessage("App not found");
    }
  }
}
