package dev.fncluster.datastore;

import dev.fncluster.api.management.FnQuery;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;

/** The statements on the table of fns. */
final class FnTable {
  private FnTable() {}

  static void insert(Handle handle, Fn fn) {
    bind(
            handle.createUpdate(
                "INSERT INTO fns (id, name, app_id, image, memory, timeout, idle_timeout, config,"
                    + " annotations, created_at, updated_at, shape) VALUES (:id, :name, :app_id,"
                    + " :image, :memory, :timeout, :idle_timeout, :config, :annotations,"
                    + " :created_at, :updated_at, :shape)"),
            fn)
        .execute();
  }

  static void update(Handle handle, Fn fn) {
    bind(
            handle.createUpdate(
                "UPDATE fns SET name = :name, app_id = :app_id, image = :image, memory = :memory,"
                    + " timeout = :timeout, idle_timeout = :idle_timeout, config = :config,"
                    + " annotations = :annotations, created_at = :created_at,"
                    + " updated_at = :updated_at, shape = :shape WHERE id = :id"),
            fn)
        .execute();
  }

  static Optional<Fn> find(Handle handle, String id, String forUpdate) {
    return handle
        .createQuery("SELECT * FROM fns WHERE id = :id" + forUpdate)
        .bind("id", id)
        .map(FnTable::read)
        .findOne();
  }

  static List<Fn> list(Handle handle, FnQuery query, String byBytes) {
    return new Page("fns", byBytes)
        .where("app_id", query.appId())
        .filter("name", query.name())
        .after(query.after())
        .list(handle, FnTable::read, query.limit());
  }

  static boolean delete(Handle handle, String id) {
    return handle.createUpdate("DELETE FROM fns WHERE id = :id").bind("id", id).execute() > 0;
  }

  static void deleteOfApp(Handle handle, String appId) {
    handle.createUpdate("DELETE FROM fns WHERE app_id = :app_id").bind("app_id", appId).execute();
  }

  private static Update bind(Update update, Fn fn) {
    return update
        .bind("id", fn.id())
        .bind("name", fn.name())
        .bind("app_id", fn.appId())
        .bind("image", fn.image())
        .bind("memory", fn.memory())
        .bind("timeout", fn.timeout())
        .bind("idle_timeout", fn.idleTimeout())
        .bind("config", Columns.ofConfig(fn.config()))
        .bind("annotations", Columns.ofAnnotations(fn.annotations()))
        .bind("created_at", Timestamps.format(fn.createdAt()))
        .bind("updated_at", Timestamps.format(fn.updatedAt()))
        .bind("shape", fn.shape());
  }

  private static Fn read(ResultSet row, StatementContext context) throws SQLException {
    return new Fn(
        Columns.text(row, "id"),
        Columns.text(row, "name"),
        Columns.text(row, "app_id"),
        Columns.text(row, "image"),
        row.getLong("memory"),
        row.getInt("timeout"),
        row.getInt("idle_timeout"),
        Columns.config(row),
        Columns.annotations(row),
        Columns.text(row, "shape"),
        Columns.date(row, "created_at"),
        Columns.date(row, "updated_at"));
  }
}
