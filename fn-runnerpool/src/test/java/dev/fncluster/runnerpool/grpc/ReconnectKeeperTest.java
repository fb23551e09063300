package dev.fncluster.runnerpool.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a lost runner is looked for again, on a clock that the test moves. */
final class ReconnectKeeperTest {
  private final EmbeddedChannel time = new EmbeddedChannel();
  private final FakeChannel channel = new FakeChannel();
  private final ReconnectKeeper keeper = new ReconnectKeeper(channel, time.eventLoop());

  ReconnectKeeperTest() {
    time.freezeTime();
  }

  /** A channel in the state it is put into; notices attempts to connect. */
  private static final class FakeChannel extends ManagedChannel {
    private ConnectivityState state = ConnectivityState.TRANSIENT_FAILURE;
    private @Nullable Runnable listener;
    private int attempts;

    void become(ConnectivityState next) {
      state = next;
      Runnable told = listener;
      listener = null;
      if (told != null) {
        told.run();
      }
    }

    @Override
    public ConnectivityState getState(boolean requestConnection) {
      return state;
    }

    @Override
    public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
      listener = callback;
    }

    @Override
    public void resetConnectBackoff() {
      attempts++;
    }

    @Override
    public ManagedChannel shutdown() {
      return this;
    }

    @Override
    public ManagedChannel shutdownNow() {
      return this;
    }

    @Override
    public boolean isShutdown() {
      return state == ConnectivityState.SHUTDOWN;
    }

    @Override
    public boolean isTerminated() {
      return isShutdown();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return isShutdown();
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      throw new UnsupportedOperationException("nobody calls here");
    }

    @Override
    public String authority() {
      return "test";
    }
  }

  private void pass(long millis) {
    time.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
    time.runScheduledPendingTasks();
  }

  @Test
  void pausesGrowToAFewSecondsAndNoFurther() {
    keeper.watch();
    // Each is up to a quarter longer than it says.
    for (long pause : new long[] {250, 500, 1_000, 2_000, 3_000, 3_000, 3_000}) {
      int before = channel.attempts;
      pass(pause - 1);
      assertThat(channel.attempts).as("before %s ms are over", pause).isEqualTo(before);
      pass(pause / 4 + 1);
      assertThat(channel.attempts).as("after %s ms", pause).isEqualTo(before + 1);
    }
    for (int hours = 0; hours < 24 * 60; hours++) {
      int before = channel.attempts;
      pass(3_750);
      assertThat(channel.attempts).isGreaterThan(before);
    }
  }

  @Test
  void aConnectionEndsTheSearchAndTheNextOneBeginsQuickly() {
    keeper.watch();
    for (int i = 0; i < 10; i++) {
      pass(3_750);
    }
    channel.become(ConnectivityState.READY);
    int before = channel.attempts;
    pass(60_000);
    assertThat(channel.attempts).isEqualTo(before);
    channel.become(ConnectivityState.TRANSIENT_FAILURE);
    pass(250 * 5 / 4);
    assertThat(channel.attempts).isEqualTo(before + 1);
  }

  @Test
  void aChannelThatIsShutDownIsLeftAlone() {
    keeper.watch();
    channel.become(ConnectivityState.SHUTDOWN);
    pass(60_000);
    assertThat(channel.attempts).isZero();
  }
}
