package dev.fncluster.datastore;

import dev.fncluster.api.management.Cursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** A select of one page: its conditions, with their values. Not thread-safe. */
final class Page {
  private final String table;
  private final String byBytes;
  private final List<String> conditions = new ArrayList<>();
  private final Map<String, String> values = new LinkedHashMap<>();

  /**
   * A page of a table that has the columns {@code name} and {@code id}.
   *
   * @param byBytes see {@link Dialect#byBytes()}
   */
  Page(String table, String byBytes) {
    this.table = table;
    this.byBytes = byBytes;
  }

  /** Only rows whose column has that value. */
  Page where(String column, String value) {
    conditions.add(column + " = :" + column);
    values.put(column, value);
    return this;
  }

  /** The same, unless the value is empty. */
  Page filter(String column, String value) {
    return value.isEmpty() ? this : where(column, value);
  }

  /** Only rows behind the cursor. */
  Page after(Cursor cursor) {
    if (cursor.name().isEmpty()) {
      return this;
    }
    values.put("after_name", cursor.name());
    if (cursor.id().isEmpty()) {
      conditions.add("name" + byBytes + " > :after_name");
      return this;
    }
    values.put("after_id", cursor.id());
    // Of two conditions with AND, every engine starts its search of the index at the first one.
    conditions.add("name" + byBytes + " >= :after_name");
    conditions.add("(name" + byBytes + " > :after_name OR id" + byBytes + " > :after_id)");
    return this;
  }

  /** The rows, by name, then id. */
  <T> List<T> list(Handle handle, RowMapper<T> mapper, int limit) {
    String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
    return handle
        .createQuery(
            "SELECT * FROM "
                + table
                + where
                + " ORDER BY name"
                + byBytes
                + ", id"
                + byBytes
                + " LIMIT :max_rows")
        .bindMap(values)
        .bind("max_rows", limit)
        .map(mapper)
        .list();
  }
}
