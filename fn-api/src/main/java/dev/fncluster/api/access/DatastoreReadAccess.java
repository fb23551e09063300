package dev.fncluster.api.access;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.function.Supplier;

/** Reads from the node's own store, on full nodes. Thread-safe. */
public final class DatastoreReadAccess implements ReadDataAccess {
  private final Datastore store;

  /** Reads from {@code store}, which stays the caller's to close. */
  public DatastoreReadAccess(Datastore store) {
    this.store = store;
  }

  @Override
  public String appIdByName(String name) {
    return read(() -> store.appIdByName(name));
  }

  @Override
  public App app(String id) {
    return read(() -> store.app(id));
  }

  @Override
  public Fn fn(String id) {
    return read(() -> store.fn(id));
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String source) {
    return read(() -> store.triggerBySource(appId, type, source));
  }

  private static <T> T read(Supplier<T> query) {
    try {
      return query.get();
    } catch (FnException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new ServiceException(503, "The function store can't be reached", e);
    }
  }
}
