package dev.fncluster.datastore;

import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.management.Cursor;
import dev.fncluster.api.management.FnQuery;
import dev.fncluster.api.management.TriggerQuery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Every statement by which the store looks for rows, and what the engine means to do for it. */
final class LookUps {
  /** The one look-up that has nothing to search for: it reads an index from its start. */
  static final String FIRST_PAGE = "apps, page " + Cursor.START;

  private static final int LIMIT = 30;
  private static final Cursor AFTER = new Cursor("name-000050", "");
  private static final Cursor BETWEEN = new Cursor("name-000050", "id-000050");

  /** A statement that was executed, with the values that were bound to it. */
  private record Executed(String sql, Map<String, Argument> values) {}

  private LookUps() {}

  /**
   * Has every look-up executed and explained, on rows of {@link ManyRows}; nothing is changed.
   *
   * @param explain what stands before a statement to have it explained
   * @param column of the answer, counted from 1
   * @return the engine's plan by name of the look-up
   */
  static Map<String, String> plans(
      Handle handle, String forUpdate, String byBytes, String explain, int column)
      throws SQLException {
    String app = ManyRows.appId(50);
    // What is removed last is still found by those before.
    Map<String, Runnable> all = new LinkedHashMap<>();
    all.put("app", () -> AppTable.find(handle, app, ""));
    all.put("app, locked", () -> AppTable.find(handle, app, forUpdate));
    all.put("app by name", () -> AppTable.findIdByName(handle, ManyRows.name(50)));
    for (Cursor cursor : List.of(Cursor.START, AFTER, BETWEEN)) {
      String page = "page " + cursor;
      all.put(
          "apps, " + page, () -> AppTable.list(handle, new AppQuery("", cursor, LIMIT), byBytes));
      all.put(
          "fns, " + page, () -> FnTable.list(handle, new FnQuery(app, "", cursor, LIMIT), byBytes));
      all.put(
          "triggers, " + page,
          () -> TriggerTable.list(handle, new TriggerQuery(app, "", "", cursor, LIMIT), byBytes));
      all.put(
          "triggers of a fn, " + page,
          () ->
              TriggerTable.list(
                  handle, new TriggerQuery(app, ManyRows.fnId(50, 5), "", cursor, LIMIT), byBytes));
    }
    String name = ManyRows.name(5);
    all.put(
        "apps, one name",
        () -> AppTable.list(handle, new AppQuery(name, Cursor.START, LIMIT), byBytes));
    all.put(
        "fns, one name",
        () -> FnTable.list(handle, new FnQuery(app, name, Cursor.START, LIMIT), byBytes));
    all.put(
        "triggers, one name",
        () ->
            TriggerTable.list(
                handle, new TriggerQuery(app, "", name, Cursor.START, LIMIT), byBytes));
    all.put("fn", () -> FnTable.find(handle, ManyRows.fnId(50, 5), ""));
    all.put("fn, locked", () -> FnTable.find(handle, ManyRows.fnId(50, 5), forUpdate));
    all.put("trigger", () -> TriggerTable.find(handle, ManyRows.triggerId(50), ""));
    all.put(
        "trigger by source",
        () -> TriggerTable.findBySource(handle, app, "http", ManyRows.source(50)));
    all.put("removal of an app's fns", () -> FnTable.deleteOfApp(handle, app));
    all.put("removal of an app's triggers", () -> TriggerTable.deleteOfApp(handle, app));
    all.put(
        "removal of a fn's triggers", () -> TriggerTable.deleteOfFn(handle, ManyRows.fnId(50, 0)));
    AtomicReference<@Nullable Executed> last = listen(handle);
    Map<String, String> plans = new TreeMap<>();
    handle.begin();
    try {
      for (Map.Entry<String, Runnable> each : all.entrySet()) {
        each.getValue().run();
        plans.put(
            each.getKey(), explained(handle, Objects.requireNonNull(last.get()), explain, column));
      }
    } finally {
      handle.rollback();
    }
    return plans;
  }

  private static AtomicReference<@Nullable Executed> listen(Handle handle) {
    AtomicReference<@Nullable Executed> last = new AtomicReference<>();
    handle
        .getConfig(SqlStatements.class)
        .setSqlLogger(
            new SqlLogger() {
              @Override
              public void logBeforeExecution(StatementContext context) {
                Map<String, Argument> values = new TreeMap<>();
                for (String name : context.getBinding().getNames()) {
                  context
                      .getBinding()
                      .findForName(name, context)
                      .ifPresent(value -> values.put(name, value));
                }
                last.set(new Executed(context.getRawSql(), values));
              }
            });
    return last;
  }

  private static String explained(Handle handle, Executed statement, String explain, int column) {
    var query = handle.createQuery(explain + " " + statement.sql());
    statement.values().forEach(query::bind);
    List<String> lines = new ArrayList<>(query.map((row, context) -> row.getString(column)).list());
    return String.join("\n", lines);
  }
}
