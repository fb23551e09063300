package dev.fncluster.datastore;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import dev.fncluster.api.error.InvocationErrors;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Datastore;
import dev.fncluster.api.management.FnQuery;
import dev.fncluster.api.management.ManagementErrors;
import dev.fncluster.api.management.TriggerQuery;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import dev.fncluster.api.settings.SettingException;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store in a SQL database.
 *
 * <p>Whatever changes something is one transaction. Those that touch more than one row lock the app
 * first: so what they checked stays true until they end, and no two wait for each other.
 *
 * <p>Thread-safe.
 */
final class SqlDatastore implements Datastore {
  private static final Logger LOG = LoggerFactory.getLogger(SqlDatastore.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final Dialect dialect;
  private final HikariDataSource writers;
  private final HikariDataSource readers;
  private final Jdbi write;
  private final Jdbi read;

  private SqlDatastore(Dialect dialect, HikariDataSource writers, HikariDataSource readers) {
    this.dialect = dialect;
    this.writers = writers;
    this.readers = readers;
    this.write = Jdbi.create(writers);
    this.read = Jdbi.create(readers);
  }

  /**
   * Opens the database.
   *
   * @param patience how long to wait until a database answers that doesn't yet
   */
  static SqlDatastore open(Dialect dialect, Duration patience) {
    dialect.prepare();
    HikariDataSource writers = connect(dialect, dialect.writers(), patience);
    try {
      Migrations.run(writers, dialect);
      return new SqlDatastore(dialect, writers, connect(dialect, dialect.readers(), patience));
    } catch (RuntimeException e) {
      writers.close();
      throw e;
    }
  }

  private static HikariDataSource connect(Dialect dialect, HikariConfig pool, Duration patience) {
    // One try each; its own way of trying again does not heed interrupts.
    pool.setInitializationFailTimeout(1);
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return new HikariDataSource(pool);
      } catch (PoolInitializationException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (System.nanoTime() - deadline >= 0 || !pause()) {
          throw new SettingException(
              dialect.description() + " can't be opened: " + cause.getMessage());
        }
      }
    }
  }

  /** Whether nobody interrupted it. */
  private static boolean pause() {
    try {
      // Nobody counts it down: it is the time that matters.
      return !new CountDownLatch(1).await(RETRY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void export(MeterRegistry meters) {
    writers.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    readers.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
  }

  @Override
  public App insertApp(App app) {
    return change(handle -> {
      unless(ManagementErrors::appExists, () -> AppTable.insert(handle, app));
      return app;
    });
  }

  @Override
  public App app(String id) {
    return query(handle -> AppTable.find(handle, id, ""))
        .orElseThrow(ManagementErrors::appNotFound);
  }

  @Override
  public String appIdByName(String name) {
    return query(handle -> AppTable.findIdByName(handle, name))
        .orElseThrow(ManagementErrors::appNotFound);
  }

  @Override
  public List<App> apps(AppQuery query) {
    return query(handle -> AppTable.list(handle, query, dialect.byBytes()));
  }

  @Override
  public App updateApp(String id, UnaryOperator<App> merge) {
    return change(handle -> {
      App stored = lockApp(handle, id);
      App merged = merge.apply(stored);
      if (!merged.equals(stored)) {
        AppTable.update(handle, merged);
      }
      return merged;
    });
  }

  @Override
  public void deleteApp(String id) {
    change(handle -> {
      lockApp(handle, id);
      TriggerTable.deleteOfApp(handle, id);
      FnTable.deleteOfApp(handle, id);
      return AppTable.delete(handle, id);
    });
  }

  @Override
  public Fn insertFn(Fn fn) {
    return change(handle -> {
      Fn stored = withShape(fn, lockApp(handle, fn.appId()).shape());
      unless(ManagementErrors::fnExists, () -> FnTable.insert(handle, stored));
      return stored;
    });
  }

  @Override
  public Fn fn(String id) {
    return query(handle -> findFn(handle, id, ""));
  }

  @Override
  public List<Fn> fns(FnQuery query) {
    return query(handle -> FnTable.list(handle, query, dialect.byBytes()));
  }

  @Override
  public Fn updateFn(String id, UnaryOperator<Fn> merge) {
    return change(handle -> {
      Fn stored = findFn(handle, id, dialect.forUpdate());
      Fn merged = merge.apply(stored);
      if (!merged.equals(stored)) {
        FnTable.update(handle, merged);
      }
      return merged;
    });
  }

  @Override
  public void deleteFn(String id) {
    change(handle -> {
      lockAppIfAny(handle, findFn(handle, id, "").appId());
      TriggerTable.deleteOfFn(handle, id);
      if (!FnTable.delete(handle, id)) {
        // Somebody else removed it while we waited for the lock.
        throw ManagementErrors.fnNotFound();
      }
      return true;
    });
  }

  @Override
  public Trigger insertTrigger(Trigger trigger) {
    return change(handle -> {
      lockApp(handle, trigger.appId());
      checkFn(handle, trigger);
      checkSource(handle, trigger);
      unless(ManagementErrors::triggerExists, () -> TriggerTable.insert(handle, trigger));
      return trigger;
    });
  }

  @Override
  public Trigger trigger(String id) {
    return query(handle -> findTrigger(handle, id, ""));
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String source) {
    return query(handle -> TriggerTable.findBySource(handle, appId, type, source))
        .orElseThrow(ManagementErrors::triggerNotFound);
  }

  @Override
  public List<Trigger> triggers(TriggerQuery query) {
    return query(handle -> TriggerTable.list(handle, query, dialect.byBytes()));
  }

  @Override
  public Trigger updateTrigger(String id, UnaryOperator<Trigger> merge) {
    return change(handle -> {
      lockAppIfAny(handle, findTrigger(handle, id, "").appId());
      Trigger stored = findTrigger(handle, id, dialect.forUpdate());
      Trigger merged = merge.apply(stored);
      if (!merged.fnId().equals(stored.fnId())) {
        checkFn(handle, merged);
      }
      if (!merged.source().equals(stored.source())) {
        checkSource(handle, merged);
      }
      if (!merged.equals(stored)) {
        unless(ManagementErrors::triggerExists, () -> TriggerTable.update(handle, merged));
      }
      return merged;
    });
  }

  @Override
  public void deleteTrigger(String id) {
    boolean deleted = change(handle -> TriggerTable.delete(handle, id));
    if (!deleted) {
      throw ManagementErrors.triggerNotFound();
    }
  }

  @Override
  public void close() {
    readers.close();
    writers.close();
  }

  private <T> T change(HandleCallback<T, RuntimeException> transaction) {
    try {
      return write.inTransaction(transaction);
    } catch (JdbiException e) {
      throw translated(e);
    }
  }

  private <T> T query(HandleCallback<T, RuntimeException> query) {
    try {
      return read.withHandle(query);
    } catch (JdbiException e) {
      throw translated(e);
    }
  }

  /** What the caller is told; the failure itself when it is nobody's fault but ours. */
  private RuntimeException translated(JdbiException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && dialect.isReadOnly(sql)) {
        giveUpConnections();
      }
      if (cause instanceof SQLTransientConnectionException
          || (cause instanceof SQLException sql && dialect.isBusy(sql))) {
        LOG.warn("the database is busy or can't be reached: {}", cause.getMessage());
        return InvocationErrors.storeUnavailable();
      }
      if (cause instanceof SQLException sql && dialect.isUnfit(sql)) {
        return ManagementErrors.unfit();
      }
    }
    return failure;
  }

  // Whoever took the server's place is found by new connections only.
  private void giveUpConnections() {
    LOG.warn("the database takes no changes: connections to it are given up");
    writers.getHikariPoolMXBean().softEvictConnections();
    readers.getHikariPoolMXBean().softEvictConnections();
  }

  private App lockApp(Handle handle, String id) {
    return AppTable.find(handle, id, dialect.forUpdate())
        .orElseThrow(ManagementErrors::appNotFound);
  }

  /** For what may have outlived its app in a database of another make. */
  private void lockAppIfAny(Handle handle, String id) {
    AppTable.find(handle, id, dialect.forUpdate());
  }

  private static Fn findFn(Handle handle, String id, String forUpdate) {
    return FnTable.find(handle, id, forUpdate).orElseThrow(ManagementErrors::fnNotFound);
  }

  private static Trigger findTrigger(Handle handle, String id, String forUpdate) {
    return TriggerTable.find(handle, id, forUpdate).orElseThrow(ManagementErrors::triggerNotFound);
  }

  private static void checkFn(Handle handle, Trigger trigger) {
    if (!findFn(handle, trigger.fnId(), "").appId().equals(trigger.appId())) {
      throw ManagementErrors.triggerFnOfOtherApp();
    }
  }

  private static void checkSource(Handle handle, Trigger trigger) {
    if (TriggerTable.findBySource(handle, trigger.appId(), trigger.type(), trigger.source())
        .isPresent()) {
      throw ManagementErrors.triggerSourceExists();
    }
  }

  /** Runs {@code statement}; a row that is there already is {@code duplicate}. */
  private void unless(Supplier<ServiceException> duplicate, Runnable statement) {
    try {
      statement.run();
    } catch (UnableToExecuteStatementException e) {
      if (e.getCause() instanceof SQLException cause && dialect.isDuplicate(cause)) {
        throw duplicate.get();
      }
      throw e;
    }
  }

  private static Fn withShape(Fn fn, String shape) {
    return new Fn(
        fn.id(),
        fn.name(),
        fn.appId(),
        fn.image(),
        fn.memory(),
        fn.timeout(),
        fn.idleTimeout(),
        fn.config(),
        fn.annotations(),
        shape,
        fn.createdAt(),
        fn.updatedAt());
  }
}
