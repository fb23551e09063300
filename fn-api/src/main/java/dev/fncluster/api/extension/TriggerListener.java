package dev.fncluster.api.extension;

import dev.fncluster.api.model.Trigger;
import org.apiguardian.api.API;

/**
 * Hears of changes of triggers that come in over the management API, and may change or refuse them.
 *
 * <p>Several listeners are told in the order of being added; the first that fails ends the request.
 * A {@link dev.fncluster.api.error.FnException} is what the client is told, any other failure an
 * error of code 500. What fails after a change does not undo it.
 *
 * <p>Thread-safe. Called on virtual threads, where one may block, but not for longer than the limit
 * for extensions. None of the methods may return null.
 */
@API(status = API.Status.STABLE, since = "0.1")
public interface TriggerListener {
  /**
   * A trigger is to be made; nothing of it has been checked yet, nor has it an id.
   *
   * @return what is to be made instead, or the same
   */
  default Trigger beforeCreate(Trigger trigger) throws Exception {
    return trigger;
  }

  /** A trigger was made; as it is stored. */
  default void afterCreate(Trigger trigger) throws Exception {}

  /**
   * A trigger is to be changed; nothing has been checked yet.
   *
   * @param id of the trigger
   * @param change what the client sent: only what is to be another
   * @return what is to be changed instead, or the same
   */
  default Trigger beforeUpdate(String id, Trigger change) throws Exception {
    return change;
  }

  /** A trigger was changed, or was already as it was to be; as it is stored. */
  default void afterUpdate(Trigger trigger) throws Exception {}

  /** A trigger is to be removed, which may not exist. */
  default void beforeDelete(String id) throws Exception {}

  /** A trigger was removed. */
  default void afterDelete(String id) throws Exception {}
}
