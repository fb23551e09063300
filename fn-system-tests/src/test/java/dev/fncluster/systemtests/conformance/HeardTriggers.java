package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.model.Trigger;

/** As {@link HeardFns}, by the names of triggers. */
record HeardTriggers(Heard heard) implements TriggerListener {
  @Override
  public Trigger beforeCreate(Trigger trigger) throws Exception {
    heard.changes().add("creating trigger " + trigger.source());
    return Misbehaviour.of(trigger.name(), trigger);
  }

  @Override
  public void afterCreate(Trigger trigger) {
    heard.changes().add("created trigger " + trigger.source());
  }

  @Override
  public Trigger beforeUpdate(String id, Trigger change) throws Exception {
    heard.changes().add("updating trigger " + id);
    return Misbehaviour.of(change.name(), change);
  }

  @Override
  public void afterUpdate(Trigger trigger) {
    heard.changes().add("updated trigger " + trigger.id() + " " + trigger.name());
  }

  @Override
  public void beforeDelete(String id) throws Exception {
    heard.changes().add("deleting trigger " + id);
    if (heard.kept().contains(id)) {
      throw new ServiceException(418, "no tea");
    }
  }

  @Override
  public void afterDelete(String id) {
    heard.changes().add("deleted trigger " + id);
  }
}
