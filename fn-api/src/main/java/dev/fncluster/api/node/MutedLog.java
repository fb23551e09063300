package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Nothing is logged by the thread that made it, by those that this starts, and by those of theirs,
 * until it is closed; the others go on. To be closed by the same thread; for one at a time.
 */
public final class MutedLog implements AutoCloseable {
  private static final InheritableThreadLocal<@Nullable MutedLog> OF_THREAD =
      new InheritableThreadLocal<>();

  private final @Nullable LoggerContext context;
  private final Filter filter = new Filter();
  // Threads may outlive this: pools of the whole process have some.
  private volatile boolean muted = true;

  private MutedLog(@Nullable LoggerContext context) {
    this.context = context;
  }

  /** Begins; does nothing with another log than ours. */
  public static MutedLog mute() {
    LoggerContext context =
        LoggerFactory.getILoggerFactory() instanceof LoggerContext ours ? ours : null;
    MutedLog made = new MutedLog(context);
    OF_THREAD.set(made);
    if (context != null) {
      context.addTurboFilter(made.filter);
    }
    return made;
  }

  @Override
  public void close() {
    muted = false;
    OF_THREAD.remove();
    if (context != null) {
      context.getTurboFilterList().remove(filter);
    }
  }

  private static final class Filter extends TurboFilter {
    @Override
    public FilterReply decide(
        @Nullable Marker marker,
        Logger logger,
        Level level,
        @Nullable String format,
        Object @Nullable [] arguments,
        @Nullable Throwable thrown) {
      MutedLog ofThread = OF_THREAD.get();
      return ofThread != null && ofThread.muted ? FilterReply.DENY : FilterReply.NEUTRAL;
    }
  }
}
