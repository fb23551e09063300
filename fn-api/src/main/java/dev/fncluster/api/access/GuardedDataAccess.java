package dev.fncluster.api.access;

import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.Subject;
import java.util.concurrent.Callable;

/**
 * Reads from what an embedding program brings, within the limit for extensions: whatever that does,
 * a look-up ends, with a value or a failure. Thread-safe; blocks, for virtual threads.
 *
 * @param source of the embedding program
 * @param runner runs it
 */
public record GuardedDataAccess(ReadDataAccess source, ExtensionRunner runner)
    implements ReadDataAccess {
  @Override
  public String appIdByName(String name) {
    return read(Subject.NONE, () -> source.appIdByName(name));
  }

  @Override
  public App app(String id) {
    return read(new Subject("", "", id), () -> source.app(id));
  }

  @Override
  public Fn fn(String id) {
    return read(new Subject("", id, ""), () -> source.fn(id));
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String path) {
    return read(new Subject("", "", appId), () -> source.triggerBySource(appId, type, path));
  }

  private <T> T read(Subject subject, Callable<T> reading) {
    try {
      return runner.call(source, subject, reading);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ExtensionRunner.told(source, subject, e);
    }
  }
}
