package dev.fncluster.runner.container;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells when functions make their sockets: one watch of the operating system, with one thread, for
 * all containers that are being started.
 *
 * <p>Thread-safe.
 */
public final class SocketWatcher implements AutoCloseable {
  /** The watch of one directory. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  private final WatchService service;
  private final Map<WatchKey, Runnable> listeners = new ConcurrentHashMap<>();

  /** Starts watching nothing. */
  public SocketWatcher() throws IOException {
    service = FileSystems.getDefault().newWatchService();
    Thread.ofVirtual().name("socket-watcher").start(this::dispatch);
  }

  /**
   * Has {@code listener} called, soon, whenever something is made in {@code directory}. A hint: the
   * listener looks for itself, and must not block.
   */
  public Watch watch(Path directory, Runnable listener) throws IOException {
    WatchKey key = directory.register(service, StandardWatchEventKinds.ENTRY_CREATE);
    listeners.put(key, listener);
    return () -> {
      key.cancel();
      listeners.remove(key);
    };
  }

  @Override
  public void close() throws IOException {
    service.close();
  }

  private void dispatch() {
    try {
      while (true) {
        WatchKey key = service.take();
        for (WatchEvent<?> unused : key.pollEvents()) {
          // Which file it was does not matter: the listener looks for the one it wants.
        }
        key.reset();
        Runnable listener = listeners.get(key);
        if (listener != null) {
          listener.run();
        }
      }
    } catch (ClosedWatchServiceException e) {
      // The end of this watcher.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
