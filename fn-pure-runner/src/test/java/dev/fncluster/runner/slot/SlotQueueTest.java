package dev.fncluster.runner.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.runner.resource.ResourceAmount;
import dev.fncluster.runner.resource.ResourceTracker;
import dev.fncluster.runner.resource.ResourceTracker.Reservation;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The queue by itself: embedded loops run everything at once on the test's thread. */
final class SlotQueueTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final EventLoop loop = channel.eventLoop();
  private final EventLoop otherLoop = new EmbeddedChannel().eventLoop();
  private static final long MILLI = 1_000_000;

  private final Launcher launcher = new Launcher();
  private long now = 1_000_000_000L;
  private final SlotQueue<Slot> queue =
      new SlotQueue<>(
          "key", new ResourceAmount(1, 0), launcher, new LaunchPolicy(true), 2, 5, () -> now);

  /** With a busySince of 0 it is never seen busy. */
  private record Slot(String name, EventLoop eventLoop, long busySince) implements HotSlot {
    Slot(String name, EventLoop eventLoop) {
      this(name, eventLoop, 0);
    }

    @Override
    public long busyNanos(long nowNanos) {
      return busySince == 0 ? 0 : nowNanos - busySince;
    }

    @Override
    public boolean isStopped() {
      return false;
    }
  }

  @Test
  void aLaunchThatBreaksDoesNotEndAllOthers() {
    launcher.broken = true;
    assertThatThrownBy(this::submit).hasMessage("broken");
    launcher.broken = false;
    queue.reconsider();
    assertThat(launcher.launches).hasSize(1);
  }

  @Test
  void aContainerOnItsWayToItsCallIsThere() {
    // One that is neither free nor seen to be busy, and takes all the room.
    Call first = submit();
    Slot slot = new Slot("a", loop);
    succeed(launcher.launches.getFirst(), slot);
    assertThat(first.slot).isSameAs(slot);
    assertThat(launcher.resources.reserve(new ResourceAmount(2, 0))).isNotNull();
    Call next = submit();
    assertThat(next.failure).isNull();
    queue.release(slot, now);
    assertThat(next.slot).isSameAs(slot);
  }

  @Test
  void isKeptFromTheEndOfItsLastContainerOn() {
    submit();
    Slot slot = new Slot("a", loop);
    succeed(launcher.launches.getFirst(), slot);
    now += 1000;
    queue.removed(slot);
    assertThat(queue.retire(100)).isFalse();
    now += 101;
    assertThat(queue.retire(100)).isTrue();
  }

  private record Launch(Waiter<Slot> cause, Reservation reservation) {}

  /** Time passes by {@link #pass} alone. */
  SlotQueueTest() {
    channel.freezeTime();
  }

  private static final class Launcher implements SlotLauncher<Slot> {
    final List<Launch> launches = new ArrayList<>();
    boolean broken;
    final ResourceTracker resources = new ResourceTracker(new ResourceAmount(3, 0));

    @Override
    public int startsUnderWay() {
      return launches.size();
    }

    @Override
    public @Nullable Reservation reserve(SlotQueue<Slot> of) {
      if (broken) {
        throw new IllegalStateException("broken");
      }
      return resources.reserve(of.amount());
    }

    @Override
    public boolean makeRoom(SlotQueue<Slot> of) {
      return false;
    }

    @Override
    public void launch(SlotQueue<Slot> of, Waiter<Slot> cause, Reservation reservation) {
      launches.add(new Launch(cause, reservation));
    }
  }

  private final class Call implements Waiter<Slot> {
    @Nullable Slot slot;
    @Nullable Throwable failure;

    @Override
    public EventLoop eventLoop() {
      return loop;
    }

    @Override
    public void assigned(Slot given, long nowNanos) {
      assertThat(slot).isNull();
      slot = given;
    }

    @Override
    public void refused(Throwable why) {
      assertThat(failure).isNull();
      failure = why;
    }
  }

  private Call submit() {
    Call call = new Call();
    assertThat(queue.submit(call, now)).isTrue();
    return call;
  }

  private void succeed(Launch launch, Slot slot) {
    launcher.launches.remove(launch);
    queue.started(slot, 1);
    queue.launchEnded(launch.cause(), null);
  }

  private void fail(Launch launch, Throwable why) {
    launcher.launches.remove(launch);
    launch.reservation().release();
    queue.launchEnded(launch.cause(), why);
  }

  @Test
  void takesTheContainerThatWasUsedLast() {
    Slot a = new Slot("a", loop);
    Slot b = new Slot("b", loop);
    queue.release(a, now);
    queue.release(b, now);
    assertThat(submit().slot).isSameAs(b);
    assertThat(submit().slot).isSameAs(a);
    assertThat(queue.idle()).isZero();
  }

  @Test
  void whatWasTakenOutOfTheMiddleIsNotGivenAway() {
    List<Slot> ten = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Slot slot = new Slot(Integer.toString(i), loop);
      ten.add(slot);
      queue.release(slot, now);
    }
    for (int taken : new int[] {9, 0, 5}) {
      assertThat(queue.takeIfIdle(ten.get(taken))).isTrue();
    }
    assertThat(queue.takeIfIdle(ten.get(5))).isFalse();
    assertThat(submit().slot).isSameAs(ten.get(8));
    assertThat(queue.takeIfIdle(ten.get(7))).isTrue();
    assertThat(submit().slot).isSameAs(ten.get(6));
    assertThat(queue.idle()).isEqualTo(4);
  }

  @Test
  void prefersContainersOfTheSameLoop() {
    Slot near = new Slot("near", loop);
    Slot far = new Slot("far", otherLoop);
    queue.release(near, now);
    queue.release(far, now);
    assertThat(submit().slot).isSameAs(near);
    assertThat(submit().slot).isSameAs(far);
  }

  @Test
  void aContainerThatWasTakenToBeStoppedIsGivenToNobody() {
    Slot a = new Slot("a", loop);
    queue.release(a, now);
    assertThat(queue.takeIfIdle(a)).isTrue();
    assertThat(queue.takeIfIdle(a)).isFalse();
    assertThat(submit().slot).isNull();
  }

  @Test
  void servesThoseWhoWaitInTheirOrder() {
    Call first = submit();
    Call second = submit();
    assertThat(launcher.launches).hasSize(1);
    Slot slot = new Slot("a", loop);
    succeed(launcher.launches.getFirst(), slot);
    assertThat(first.slot).isSameAs(slot);
    assertThat(second.slot).isNull();
    queue.release(slot, now);
    assertThat(second.slot).isSameAs(slot);
    assertThat(queue.queued()).isZero();
  }

  /** It may have paid for what the function sets up; what takes longer than that did not. */
  @Test
  void aFirstCallTellsHowLongCallsTakeOnlyWhenItWasLong() {
    manyMeetAColdFunction();

    queue.executed(120 * MILLI, true);
    queue.reconsider();
    assertThat(launcher.launches).isEmpty();

    queue.executed(MILLI, false);
    queue.reconsider();
    assertThat(launcher.launches).isEmpty();

    queue.executed(500 * MILLI, true);
    queue.reconsider();
    assertThat(launcher.launches).hasSize(2);
  }

  @Test
  void looksAgainWhenAFirstCallHasHadItsTimeToSetUp() {
    manyMeetAColdFunction();

    pass(100 * MILLI);
    assertThat(launcher.launches).isEmpty();

    pass(100 * MILLI);
    assertThat(launcher.launches).hasSize(1);
  }

  @Test
  void looksAgainWhenACallHasToldHowLongCallsTake() {
    manyMeetAColdFunction();

    queue.executed(500 * MILLI, true);
    queue.release(queue.slots().getFirst(), now);
    assertThat(launcher.launches).isNotEmpty();
  }

  /** After this, a start is expected to take some 525 ms. */
  private void manyMeetAColdFunction() {
    for (int call = 0; call < 5; call++) {
      submit();
    }
    assertThat(launcher.launches).hasSize(1);
    succeed(launcher.launches.getFirst(), new Slot("a", loop, now - 1));
    submit();
    assertThat(queue.queued()).isEqualTo(5);
    assertThat(launcher.launches).isEmpty();
  }

  private void pass(long nanos) {
    now += nanos;
    channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void aFailedLaunchHitsItsCauseAndTheNextInLineCausesAnother() {
    Call first = submit();
    Call second = submit();
    IllegalStateException why = new IllegalStateException("broken");
    Launch launch = launcher.launches.getFirst();
    assertThat(launch.cause()).isSameAs(first);
    fail(launch, why);
    assertThat(first.failure).isSameAs(why);
    assertThat(second.failure).isNull();
    assertThat(launcher.launches).hasSize(1);
    assertThat(launcher.launches.getFirst().cause()).isSameAs(second);
    fail(launcher.launches.getFirst(), why);
    assertThat(second.failure).isSameAs(why);
    assertThat(launcher.launches).isEmpty();
    assertThat(queue.starting()).isZero();
    assertThat(launcher.resources.used()).isEqualTo(ResourceAmount.NONE);
  }

  @Test
  void theCauseOfALaunchThatIsPutOffCausesAnother() {
    Call first = submit();
    Launch launch = launcher.launches.removeFirst();
    launch.reservation().release();
    queue.launchPutOff(launch.cause());
    assertThat(first.failure).isNull();
    assertThat(launcher.launches).hasSize(1);
    assertThat(launcher.launches.getFirst().cause()).isSameAs(first);
    assertThat(queue.starting()).isEqualTo(1);
  }

  @Test
  void aFailedLaunchWhoseCauseWasServedMeanwhileHitsNobody() {
    Call first = submit();
    Launch launch = launcher.launches.getFirst();
    queue.release(new Slot("from elsewhere", loop), now);
    assertThat(first.slot).isNotNull();
    Call second = submit();
    fail(launch, new IllegalStateException("broken"));
    assertThat(first.failure).isNull();
    assertThat(second.failure).isNull();
    assertThat(launcher.launches).as("launched for the second").hasSize(1);
    assertThat(launcher.launches.getFirst().cause()).isSameAs(second);
  }

  @Test
  void aCallThatCausedALaunchMayCauseAnother() {
    Call first = submit();
    Call second = submit();
    assertThat(queue.withdraw(first)).isTrue();
    succeed(launcher.launches.getFirst(), new Slot("a", loop));
    assertThat(second.slot).isNotNull();
    assertThat(first.slot).isNull();
    assertThat(queue.withdraw(first)).isFalse();
  }

  @Test
  void limitsTheQueue() {
    for (int i = 0; i < 5; i++) {
      assertThat(submit().failure).isNull();
    }
    Call tooMany = submit();
    assertThat(InvocationErrors.isServerBusy(tooMany.failure)).isTrue();
    assertThat(queue.queued()).isEqualTo(5);
    queue.refuseAll(InvocationErrors.serverBusy());
    assertThat(queue.queued()).isZero();
  }

  @Test
  void refusesTheLastInLineWhenThereIsNoRoom() {
    Reservation all = launcher.resources.reserve(new ResourceAmount(3, 0));
    assertThat(all).isNotNull();
    assertThat(InvocationErrors.isServerBusy(submit().failure)).isTrue();
    assertThat(launcher.launches).isEmpty();
  }

  @Test
  void retiresOnlyWhenNothingIsLeft() {
    Call call = submit();
    now += 100;
    assertThat(queue.retire(10)).as("a call waits").isFalse();
    Slot slot = new Slot("a", loop);
    succeed(launcher.launches.getFirst(), slot);
    assertThat(call.slot).isSameAs(slot);
    now += 100;
    assertThat(queue.retire(10)).as("a container is there").isFalse();
    queue.removed(slot);
    now += 100;
    assertThat(queue.retire(1000)).as("it was used lately").isFalse();
    assertThat(queue.retire(10)).isTrue();
    assertThat(queue.submit(new Call(), now)).isFalse();
  }
}
