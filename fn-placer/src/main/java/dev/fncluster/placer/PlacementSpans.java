package dev.fncluster.placer;

import dev.fncluster.api.trace.CallTrace;
import dev.fncluster.runnerpool.TryResult;
import io.opentelemetry.api.trace.Span;
import org.jspecify.annotations.Nullable;

/**
 * Confined to the event loop of its call. The spans of the search for a runner: one for each try
 * and one for each wait between them. A search may go on for minutes with a round every few
 * milliseconds, so from the {@value #MOST}th span on, one span of a try is all that is left of the
 * search.
 */
final class PlacementSpans {
  /** How many spans a search has at most. */
  static final int MOST = 64;

  private static final String TRY = "fn.place";
  private static final String WAIT = "fn.place_wait";
  private static final PlacementSpans OFF = new PlacementSpans(CallTrace.NONE);

  private final CallTrace trace;
  private int begun;
  private long tries;
  private Span wait = Span.getInvalid();
  private @Nullable Span last;

  private PlacementSpans(CallTrace trace) {
    this.trace = trace;
  }

  /** Those of a call; for one that is not traced, always the same one, which does nothing. */
  static PlacementSpans of(CallTrace trace) {
    return trace.isOn() ? new PlacementSpans(trace) : OFF;
  }

  /** A runner is tried, which is to continue this span. */
  Span tryBegins() {
    if (this == OFF) {
      return Span.getInvalid();
    }
    Span span = last;
    tries++;
    if (span == null) {
      span = trace.remoteSpan(TRY);
      last = ++begun >= MOST ? span : null;
    }
    return span;
  }

  /** A try is over; {@code span} is what {@link #tryBegins} said. */
  void tryEnded(Span span, TryResult result) {
    if (this != OFF && span != last) {
      end(span, result);
    }
  }

  /** Nobody is tried for a while. */
  void waitBegins(String reason) {
    if (this != OFF && last == null && ++begun < MOST) {
      wait = trace.span(WAIT);
      wait.setAttribute("fn.reason", reason);
    }
  }

  /** The wait is over, if there is one. */
  void waitEnded() {
    if (this != OFF) {
      wait.end();
      wait = Span.getInvalid();
    }
  }

  /** The search is over. */
  void over(TryResult result) {
    Span rest = last;
    if (this != OFF && rest != null) {
      rest.setAttribute("fn.tries", tries);
      end(rest, result);
    }
  }

  private static void end(Span span, TryResult result) {
    String failure =
        switch (result) {
          case TryResult.Placed placed -> placed.error() == null ? "" : "error";
          case TryResult.NotPlaced notPlaced -> notPlaced.isBusy() ? "busy" : "not reached";
          case TryResult.Abandoned abandoned -> "abandoned";
        };
    if (failure.isEmpty()) {
      span.end();
    } else {
      CallTrace.fail(span, failure);
    }
  }
}
