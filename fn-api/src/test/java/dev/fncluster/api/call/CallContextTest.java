package dev.fncluster.api.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallContextTest {
  private final List<CancelCause> heard = new ArrayList<>();

  @Test
  void firstCauseStays() {
    CallContext context = CallContext.create();
    context.onCancel(heard::add);

    assertThat(context.cancel(CancelCause.CLIENT_GONE)).isTrue();
    assertThat(context.cancel(CancelCause.SHUTDOWN)).isFalse();

    assertThat(context.cause()).isEqualTo(CancelCause.CLIENT_GONE);
    assertThat(heard).containsExactly(CancelCause.CLIENT_GONE);
  }

  @Test
  void lateListenerHearsAtOnce() {
    CallContext context = CallContext.create();
    context.cancel(CancelCause.DEADLINE);
    context.onCancel(heard::add);
    assertThat(heard).containsExactly(CancelCause.DEADLINE);
  }

  @Test
  void removedListenerHearsNothing() {
    CallContext context = CallContext.create();
    context.onCancel(heard::add).remove();
    context.cancel(CancelCause.DEADLINE);
    assertThat(heard).isEmpty();
  }

  @Test
  void parentEndsChildButNotTheOtherWayRound() {
    CallContext parent = CallContext.create();
    CallContext first = parent.child();
    CallContext second = parent.child();

    first.cancel(CancelCause.ATTEMPT_OVER);
    assertThat(parent.isCancelled()).isFalse();
    assertThat(second.isCancelled()).isFalse();

    parent.cancel(CancelCause.CLIENT_GONE);
    assertThat(first.cause()).isEqualTo(CancelCause.ATTEMPT_OVER);
    assertThat(second.cause()).isEqualTo(CancelCause.CLIENT_GONE);
  }

  @Test
  void childOfTheDeadIsDead() {
    CallContext parent = CallContext.create();
    parent.cancel(CancelCause.SHUTDOWN);
    assertThat(parent.child().cause()).isEqualTo(CancelCause.SHUTDOWN);
  }

  @Test
  void childInheritsDeadline() {
    CallContext child = CallContext.withDeadline(5).child();
    assertThat(child.hasDeadline()).isTrue();
    assertThat(child.deadlineNanos()).isEqualTo(5);
  }
}
