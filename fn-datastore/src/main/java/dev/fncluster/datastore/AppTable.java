package dev.fncluster.datastore;

import dev.fncluster.api.management.AppQuery;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;

/** The statements on the table of apps. */
final class AppTable {
  private AppTable() {}

  static void insert(Handle handle, App app) {
    bind(
            handle.createUpdate(
                "INSERT INTO apps (id, name, config, annotations, syslog_url, created_at,"
                    + " updated_at, shape) VALUES (:id, :name, :config, :annotations, :syslog_url,"
                    + " :created_at, :updated_at, :shape)"),
            app)
        .execute();
  }

  static void update(Handle handle, App app) {
    bind(
            handle.createUpdate(
                "UPDATE apps SET name = :name, config = :config, annotations = :annotations,"
                    + " syslog_url = :syslog_url, created_at = :created_at,"
                    + " updated_at = :updated_at, shape = :shape WHERE id = :id"),
            app)
        .execute();
  }

  static Optional<App> find(Handle handle, String id, String forUpdate) {
    return handle
        .createQuery("SELECT * FROM apps WHERE id = :id" + forUpdate)
        .bind("id", id)
        .map(AppTable::read)
        .findOne();
  }

  static Optional<String> findIdByName(Handle handle, String name) {
    return handle
        .createQuery("SELECT id FROM apps WHERE name = :name")
        .bind("name", name)
        .mapTo(String.class)
        .findOne();
  }

  static List<App> list(Handle handle, AppQuery query, String byBytes) {
    return new Page("apps", byBytes)
        .filter("name", query.name())
        .after(query.after())
        .list(handle, AppTable::read, query.limit());
  }

  static boolean delete(Handle handle, String id) {
    return handle.createUpdate("DELETE FROM apps WHERE id = :id").bind("id", id).execute() > 0;
  }

  private static Update bind(Update update, App app) {
    return update
        .bind("id", app.id())
        .bind("name", app.name())
        .bind("config", Columns.ofConfig(app.config()))
        .bind("annotations", Columns.ofAnnotations(app.annotations()))
        .bind("syslog_url", Columns.ofSyslogUrl(app.syslogUrl()))
        .bind("created_at", Timestamps.format(app.createdAt()))
        .bind("updated_at", Timestamps.format(app.updatedAt()))
        .bind("shape", app.shape());
  }

  private static App read(ResultSet row, StatementContext context) throws SQLException {
    return new App(
        Columns.text(row, "id"),
        Columns.text(row, "name"),
        Columns.config(row),
        Columns.annotations(row),
        row.getString("syslog_url"),
        Columns.text(row, "shape"),
        Columns.date(row, "created_at"),
        Columns.date(row, "updated_at"));
  }
}
