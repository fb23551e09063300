package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.testing.FreePorts;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A node that is told to stop while it waits for its database. */
final class InterruptedStartTest {
  @Test
  void anInterruptEndsTheWait() throws Exception {
    String url = "postgres://user@127.0.0.1:" + FreePorts.next() + "/db";
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread starter =
        Thread.ofPlatform()
            .start(() ->
                failure.set(
                    catchThrowable(
                        () -> Datastores.open(new DatastoreSettings(url, Duration.ofHours(1))))));
    starter.interrupt();
    assertThat(starter.join(Duration.ofSeconds(60))).isTrue();
    assertThat(failure.get())
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("can't be opened");
  }
}
