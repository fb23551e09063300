package dev.fncluster.api.plugin;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import org.jspecify.annotations.Nullable;

/**
 * What extensions read, who are given it before the node has it: until then, and for ever on a node
 * that reads nothing, look-ups fail. Thread-safe.
 */
final class DeferredDataAccess implements ReadDataAccess {
  private volatile @Nullable ReadDataAccess source;

  void reads(ReadDataAccess value) {
    source = value;
  }

  private ReadDataAccess source() {
    ReadDataAccess there = source;
    if (there == null) {
      throw ServiceException.answer(503, "this node does not read apps and functions");
    }
    return there;
  }

  @Override
  public String appIdByName(String name) {
    return source().appIdByName(name);
  }

  @Override
  public App app(String id) {
    return source().app(id);
  }

  @Override
  public Fn fn(String id) {
    return source().fn(id);
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String path) {
    return source().triggerBySource(appId, type, path);
  }
}
