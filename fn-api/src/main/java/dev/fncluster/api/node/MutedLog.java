package dev.fncluster.api.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Nothing of this process is logged until it is closed. For one at a time. */
public final class MutedLog implements AutoCloseable {
  private final @Nullable Logger root;
  private final @Nullable Level level;

  private MutedLog(@Nullable Logger root) {
    this.root = root;
    this.level = root == null ? null : root.getLevel();
  }

  /** Begins; does nothing with another log than ours. */
  public static MutedLog mute() {
    Logger root =
        LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME) instanceof Logger ours ? ours : null;
    MutedLog muted = new MutedLog(root);
    if (root != null) {
      root.setLevel(Level.OFF);
    }
    return muted;
  }

  @Override
  public void close() {
    if (root != null) {
      root.setLevel(level);
    }
  }
}
