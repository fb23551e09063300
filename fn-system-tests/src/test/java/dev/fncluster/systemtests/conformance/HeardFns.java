package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.model.Fn;

/** Misbehaves as the name of a new fn, or the image of a changed one, says. */
record HeardFns(Heard heard) implements FnListener {
  @Override
  public Fn beforeCreate(Fn fn) throws Exception {
    return Misbehaviour.of(fn.name(), fn);
  }

  @Override
  public void afterCreate(Fn fn) {
    heard.changes().add("created fn " + fn.name());
  }

  @Override
  public Fn beforeUpdate(String id, Fn change) throws Exception {
    heard.changes().add("updating fn " + id);
    return Misbehaviour.of(change.image(), change);
  }

  @Override
  public void afterUpdate(Fn fn) throws Exception {
    heard.changes().add("updated fn " + fn.id() + " " + fn.image());
    Fn unused = Misbehaviour.of(fn.image().replace("late-", ""), fn);
  }

  @Override
  public void beforeDelete(String id) throws Exception {
    heard.changes().add("deleting fn " + id);
    if (heard.kept().contains(id)) {
      throw new ServiceException(418, "no tea");
    }
  }

  @Override
  public void afterDelete(String id) {
    heard.changes().add("deleted fn " + id);
  }
}
