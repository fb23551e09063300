package dev.fncluster.datastore;

import dev.fncluster.api.management.TriggerQuery;
import dev.fncluster.api.model.Timestamps;
import dev.fncluster.api.model.Trigger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;

/** The statements on the table of triggers. */
final class TriggerTable {
  private TriggerTable() {}

  static void insert(Handle handle, Trigger trigger) {
    bind(
            handle.createUpdate(
                "INSERT INTO triggers (id, name, app_id, fn_id, created_at, updated_at, type,"
                    + " source, annotations) VALUES (:id, :name, :app_id, :fn_id, :created_at,"
                    + " :updated_at, :type, :source, :annotations)"),
            trigger)
        .execute();
  }

  static void update(Handle handle, Trigger trigger) {
    bind(
            handle.createUpdate(
                "UPDATE triggers SET name = :name, app_id = :app_id, fn_id = :fn_id,"
                    + " created_at = :created_at, updated_at = :updated_at, type = :type,"
                    + " source = :source, annotations = :annotations WHERE id = :id"),
            trigger)
        .execute();
  }

  static Optional<Trigger> find(Handle handle, String id, String forUpdate) {
    return handle
        .createQuery("SELECT * FROM triggers WHERE id = :id" + forUpdate)
        .bind("id", id)
        .map(TriggerTable::read)
        .findOne();
  }

  /** The oldest one: a database of another make may hold several of one source. */
  static Optional<Trigger> findBySource(Handle handle, String appId, String type, String source) {
    return handle
        .createQuery(
            "SELECT * FROM triggers WHERE app_id = :app_id AND type = :type AND source = :source"
                + " ORDER BY id LIMIT 1")
        .bind("app_id", appId)
        .bind("type", type)
        .bind("source", source)
        .map(TriggerTable::read)
        .findOne();
  }

  static List<Trigger> list(Handle handle, TriggerQuery query, String byBytes) {
    return new Page("triggers", byBytes)
        .where("app_id", query.appId())
        .filter("fn_id", query.fnId())
        .filter("name", query.name())
        .after(query.after())
        .list(handle, TriggerTable::read, query.limit());
  }

  static boolean delete(Handle handle, String id) {
    return handle.createUpdate("DELETE FROM triggers WHERE id = :id").bind("id", id).execute() > 0;
  }

  static void deleteOfFn(Handle handle, String fnId) {
    handle.createUpdate("DELETE FROM triggers WHERE fn_id = :fn_id").bind("fn_id", fnId).execute();
  }

  static void deleteOfApp(Handle handle, String appId) {
    handle
        .createUpdate("DELETE FROM triggers WHERE app_id = :app_id")
        .bind("app_id", appId)
        .execute();
  }

  private static Update bind(Update update, Trigger trigger) {
    return update
        .bind("id", trigger.id())
        .bind("name", trigger.name())
        .bind("app_id", trigger.appId())
        .bind("fn_id", trigger.fnId())
        .bind("created_at", Timestamps.format(trigger.createdAt()))
        .bind("updated_at", Timestamps.format(trigger.updatedAt()))
        .bind("type", trigger.type())
        .bind("source", trigger.source())
        .bind("annotations", Columns.ofAnnotations(trigger.annotations()));
  }

  private static Trigger read(ResultSet row, StatementContext context) throws SQLException {
    return new Trigger(
        Columns.text(row, "id"),
        Columns.text(row, "name"),
        Columns.text(row, "app_id"),
        Columns.text(row, "fn_id"),
        Columns.date(row, "created_at"),
        Columns.date(row, "updated_at"),
        Columns.text(row, "type"),
        Columns.text(row, "source"),
        Columns.annotations(row));
  }
}
