package dev.fncluster.api.extension;

import dev.fncluster.api.model.App;
import java.util.List;
import org.apiguardian.api.API;

/**
 * Hears of changes of apps that come in over the management API and of reads there, and may change
 * or refuse them. What the node reads for itself, to execute calls or to complete answers, is not
 * told.
 *
 * <p>Several listeners are told in the order of being added; the first that fails ends the request.
 * A {@link dev.fncluster.api.error.FnException} is what the client is told, any other failure an
 * error of code 500. What fails after a change does not undo it.
 *
 * <p>Thread-safe. Called on virtual threads, where one may block, but not for longer than the limit
 * for extensions. None of the methods may return null.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface AppListener {
  /**
   * An app is to be made; nothing of it has been checked yet, nor has it an id.
   *
   * @return what is to be made instead, or the same
   */
  default App beforeCreate(App app) throws Exception {
    return app;
  }

  /** An app was made; as it is stored. */
  default void afterCreate(App app) throws Exception {}

  /**
   * An app is to be changed; nothing has been checked yet.
   *
   * @param id of the app
   * @param change what the client sent: only what is to be another
   * @return what is to be changed instead, or the same
   */
  default App beforeUpdate(String id, App change) throws Exception {
    return change;
  }

  /** An app was changed, or was already as it was to be; as it is stored. */
  default void afterUpdate(App app) throws Exception {}

  /** An app is to be removed, which may not exist. */
  default void beforeDelete(String id) throws Exception {}

  /** An app was removed. */
  default void afterDelete(String id) throws Exception {}

  /** An app was asked for, which may not exist. */
  default void beforeGet(String id) throws Exception {}

  /** An app was found for a client; as it is stored. */
  default void afterGet(App app) throws Exception {}

  /**
   * Apps are to be listed.
   *
   * @param name the exact name that is asked for; empty for any
   * @return the name to list by instead, or the same
   */
  default String beforeList(String name) throws Exception {
    return name;
  }

  /** A page of apps was found for a client. */
  default void afterList(List<App> apps) throws Exception {}
}
