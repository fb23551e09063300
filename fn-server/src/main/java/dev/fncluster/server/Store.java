package dev.fncluster.server;

import dev.fncluster.api.access.CachedDataAccess;
import dev.fncluster.api.access.DatastoreReadAccess;
import dev.fncluster.api.access.GuardedDataAccess;
import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.http.RouteWrapper;
import dev.fncluster.api.http.Routes;
import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.EndpointAnnotator;
import dev.fncluster.api.management.ManagementApi;
import dev.fncluster.api.management.ManagementSettings;
import dev.fncluster.api.model.IdGenerator;
import dev.fncluster.api.plugin.ExtensionRunner;
import dev.fncluster.api.plugin.NodeExtensions;
import dev.fncluster.datastore.DatastoreSettings;
import dev.fncluster.datastore.Datastores;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The store of a node and the management API over it. */
final class Store implements AutoCloseable {
  private final Datastore datastore;
  private final ManagementApi api;
  private final NodeExtensions extensions;

  private Store(Datastore datastore, ManagementApi api, NodeExtensions extensions) {
    this.extensions = extensions;
    this.datastore = datastore;
    this.api = api;
  }

  static Store open(
      DatastoreSettings settings,
      ManagementSettings management,
      IdGenerator ids,
      InstantSource clock,
      NodeExtensions extensions) {
    Datastore datastore = Datastores.open(settings);
    extensions.reads(new DatastoreReadAccess(datastore));
    return new Store(
        datastore,
        new ManagementApi(
            datastore,
            ids,
            clock,
            new EndpointAnnotator(management.publicUrl()),
            extensions.resources()),
        extensions);
  }

  /** Has what it knows of its connections exported. */
  void export(MeterRegistry meters) {
    datastore.export(meters);
  }

  void register(Routes routes) {
    api.register(routes);
  }

  /** Adds the routes that extensions bring. */
  void registerEndpoints(Routes routes) {
    extensions.addEndpoints(routes);
  }

  /** What stands before the management API. */
  RouteWrapper middleware() {
    return (method, pattern, handler) -> extensions.beforeApi(handler);
  }

  /** Reads from {@code given}, or from this store if that is null. */
  CachedDataAccess read(@Nullable ReadDataAccess given, ExtensionRunner runner) {
    ReadDataAccess source =
        given == null ? new DatastoreReadAccess(datastore) : new GuardedDataAccess(given, runner);
    extensions.reads(source);
    return CachedDataAccess.create(source);
  }

  /** Null when the store answers; blocks for as long as one query may take. */
  @Nullable String obstacle() {
    datastore.apps(new AppQuery("", Cursor.START, 1));
    return null;
  }

  @Override
  public void close() {
    datastore.close();
  }
}
