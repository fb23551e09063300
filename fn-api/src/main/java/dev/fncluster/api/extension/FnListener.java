package dev.fncluster.api.extension;

import dev.fncluster.api.model.Fn;
import org.apiguardian.api.API;

/**
 * Hears of changes of fns that come in over the management API, and may change or refuse them.
 *
 * <p>Several listeners are told in the order of being added; the first that fails ends the request.
 * A {@link dev.fncluster.api.error.FnException} is what the client is told, any other failure an
 * error of code 500. What fails after a change does not undo it.
 *
 * <p>Thread-safe. Called on virtual threads, where one may block, but not for longer than the limit
 * for extensions. None of the methods may return null.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface FnListener {
  /**
   * A fn is to be made; nothing of it has been checked yet, nor has it an id.
   *
   * @return what is to be made instead, or the same
   */
  default Fn beforeCreate(Fn fn) throws Exception {
    return fn;
  }

  /** A fn was made; as it is stored. */
  default void afterCreate(Fn fn) throws Exception {}

  /**
   * A fn is to be changed; nothing has been checked yet.
   *
   * @param id of the fn
   * @param change what the client sent: only what is to be another
   * @return what is to be changed instead, or the same
   */
  default Fn beforeUpdate(String id, Fn change) throws Exception {
    return change;
  }

  /** A fn was changed, or was already as it was to be; as it is stored. */
  default void afterUpdate(Fn fn) throws Exception {}

  /** A fn is to be removed, which may not exist. */
  default void beforeDelete(String id) throws Exception {}

  /** A fn was removed. */
  default void afterDelete(String id) throws Exception {}
}
