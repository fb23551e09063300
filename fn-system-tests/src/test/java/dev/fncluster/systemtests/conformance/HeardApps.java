package dev.fncluster.systemtests.conformance;

import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.model.App;
import java.util.List;
import java.util.Map;

/** Tells of apps, and misbehaves as the name of a new one says. */
record HeardApps(Heard heard) implements AppListener {
  @Override
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  public App beforeCreate(App app) throws Exception {
    heard.changes().add("creating " + app.name());
    return switch (app.name()) {
      case "refused" -> throw new ServiceException(418, "no tea");
      case "thrown" -> throw new IllegalStateException("secret");
      case "nothing" -> null;
      case "hung" -> {
        Misbehaviour.hang();
        yield app;
      }
      case "" -> named(app, "named-by-listener");
      default -> app;
    };
  }

  private static App named(App app, String name) {
    return new App(
        app.id(),
        name,
        app.config(),
        app.annotations(),
        app.syslogUrl(),
        app.shape(),
        app.createdAt(),
        app.updatedAt());
  }

  @Override
  public void afterCreate(App app) {
    heard.changes().add("created " + app.name() + " " + !app.id().isEmpty());
    if (app.name().equals("late")) {
      throw new ServiceException(418, "no tea");
    }
  }

  @Override
  public App beforeUpdate(String id, App change) {
    heard.changes().add("updating");
    return new App("", "", Map.of("by", "listener"), change.annotations(), null, "", null, null);
  }

  @Override
  public void afterUpdate(App app) {
    heard.changes().add("updated " + app.config().get("by"));
  }

  @Override
  public void beforeDelete(String id) {
    heard.changes().add("deleting");
  }

  @Override
  public void afterDelete(String id) {
    heard.changes().add("deleted");
  }

  @Override
  public void beforeGet(String id) {
    heard.changes().add("getting");
  }

  @Override
  public void afterGet(App app) {
    heard.changes().add("got " + app.name());
  }

  @Override
  public String beforeList(String name) {
    return name.equals("other") ? "named-by-listener" : name;
  }

  @Override
  public void afterList(List<App> apps) {
    heard.changes().add("listed " + apps.size());
  }
}
