package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.settings.Setting;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What becomes of extensions that misbehave. */
final class ExtensionRunnerTest {
  private static final Subject SUBJECT = new Subject("call1", "fn1", "app1");

  private final ExtensionRunner quick = new ExtensionRunner(Duration.ofMillis(50));
  private final ExtensionRunner patient = new ExtensionRunner(Duration.ofSeconds(60));
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ExtensionRunner.class);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void leave() {
    logger.detachAppender(lines);
  }

  private void assertLogged(String reason) {
    List<String> pairs =
        lines.list.getLast().getKeyValuePairs().stream().map(p -> p.key + "=" + p.value).toList();
    assertThat(pairs)
        .contains(
            "call_id=call1",
            "fn_id=fn1",
            "app_id=app1",
            "extension=" + ExtensionRunnerTest.class.getName());
    assertThat(pairs).anyMatch(each -> each.startsWith("reason=") && each.contains(reason));
  }

  /** Otherwise libraries in a jar would look for their services among the node's. */
  @Test
  void librariesOfAnExtensionLookForTheirServicesInItsJar() throws Exception {
    ClassLoader own = new ClassLoader(getClass().getClassLoader()) {};
    Object extension =
        java.lang.reflect.Proxy.newProxyInstance(
            own, new Class<?>[] {Runnable.class}, (proxy, method, arguments) -> null);
    assertThat(
            patient.call(extension, SUBJECT, () -> Thread.currentThread().getContextClassLoader()))
        .isSameAs(own);
  }

  @Test
  void handsBackWhatAStepReturnsOnAVirtualThread() throws Exception {
    assertThat(patient.call(this, SUBJECT, () -> Thread.currentThread().isVirtual())).isTrue();
    assertThat(lines.list).isEmpty();
  }

  /** A pull without a limit, and the time for a step beside it. */
  @Test
  void noLimitAndSomeTimeMoreIsNoLimit() throws Exception {
    Duration longest = Setting.UNLIMITED.plusMinutes(2);
    assertThat(patient.call(this, SUBJECT, longest, () -> "done", late -> {})).isEqualTo("done");
  }

  @Test
  void passesOnWhatIsMeantForCallers() {
    ServiceException refusal = new ServiceException(418, "no");
    assertThatThrownBy(() ->
            patient.run(
                this,
                SUBJECT,
                () -> {
                  throw refusal;
                }))
        .isSameAs(refusal);
    assertThat(lines.list).isEmpty();
  }

  @Test
  void namesWhatThrows() {
    // An Error, as from a jar that was made for another version.
    assertThatThrownBy(() ->
            patient.run(
                this,
                SUBJECT,
                () -> {
                  throw new NoSuchMethodError("secret");
                }))
        .isInstanceOfSatisfying(
            FnException.class,
            e -> {
              assertThat(e.code()).isEqualTo(500);
              assertThat(e.publicMessage()).isEqualTo("an extension of this server failed");
            });
    assertLogged("it failed");
    assertThat(lines.list.getLast().getThrowableProxy().getMessage()).isEqualTo("secret");
  }

  @Test
  void namesWhatReturnsNull() {
    assertThatThrownBy(() -> patient.call(this, SUBJECT, ExtensionRunnerTest::nothing))
        .isInstanceOf(FnException.class);
    assertLogged("it returned null");
  }

  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  private static <T> T nothing() {
    @Nullable T none = null;
    return none;
  }

  @Test
  void interruptsWhatHangs() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    assertThatThrownBy(() ->
            quick.run(
                this,
                SUBJECT,
                () -> {
                  try {
                    new CountDownLatch(1).await();
                  } finally {
                    interrupted.countDown();
                  }
                }))
        .isInstanceOf(FnException.class);
    assertLogged("more than 50 ms");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refusesStepsWhileTooManyHang() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    CompletableFuture<?>[] hanging = new CompletableFuture<?>[ExtensionRunner.MOST_STUCK];
    for (int i = 0; i < hanging.length; i++) {
      hanging[i] = quick.start(this, SUBJECT, () -> awaitHowever(end));
    }
    for (CompletableFuture<?> each : hanging) {
      assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(FnException.class);
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          CompletableFuture<Boolean> next = quick.start(this, SUBJECT, () -> {});
          assertThatThrownBy(next::get).hasCauseInstanceOf(FnException.class);
          assertLogged("too many of its steps hang");
        });
    end.countDown();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(FnException.class)
        .until(() -> quick.call(this, SUBJECT, () -> true));
  }

  @Test
  void oneThatHangsDoesNotTakeTheOthersWithIt() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    for (int i = 0; i < ExtensionRunner.MOST_STUCK; i++) {
      CompletableFuture<Boolean> hanging = quick.start(this, SUBJECT, () -> awaitHowever(end));
      assertThatThrownBy(() -> hanging.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(FnException.class);
    }
    assertThat(quick.call(patient, SUBJECT, Duration.ofSeconds(60), () -> true, late -> {}))
        .isTrue();
    end.countDown();
  }

  @Test
  void whatComesTooLateIsLetGoOf() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    CompletableFuture<String> late = new CompletableFuture<>();
    assertThatThrownBy(() ->
            patient.call(
                this,
                SUBJECT,
                Duration.ofMillis(20),
                () -> {
                  awaitHowever(end);
                  return "late";
                },
                late::complete))
        .isInstanceOf(FnException.class);
    assertLogged("more than 20 ms");
    end.countDown();
    assertThat(late.get(60, TimeUnit.SECONDS)).isEqualTo("late");
  }

  @Test
  void whoIsInterruptedWhileWaitingInterruptsTheStep() throws Exception {
    CountDownLatch began = new CountDownLatch(1);
    CompletableFuture<String> late = new CompletableFuture<>();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                String unused =
                    patient.call(
                        this,
                        SUBJECT,
                        Duration.ofSeconds(60),
                        () -> {
                          began.countDown();
                          awaitInterrupt();
                          return "late";
                        },
                        late::complete);
              } catch (Throwable e) {
                failure.complete(e);
              }
            });
    assertThat(began.await(60, TimeUnit.SECONDS)).isTrue();
    waiting.interrupt();
    assertThat(failure.get(60, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(late.get(60, TimeUnit.SECONDS)).isEqualTo("late");
    assertThat(lines.list).as("that was no fault of the extension").isEmpty();
  }

  private static void awaitInterrupt() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // What the caller waits for.
      Thread.interrupted();
    }
  }

  private static void awaitHowever(CountDownLatch latch) {
    boolean waiting = true;
    while (waiting) {
      try {
        latch.await();
        waiting = false;
      } catch (InterruptedException e) {
        // As a plugin may do that knows no interrupts.
        Thread.interrupted();
      }
    }
  }
}
