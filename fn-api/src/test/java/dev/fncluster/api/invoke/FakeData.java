package dev.fncluster.api.invoke;

import dev.fncluster.api.access.AsyncDataAccess;
import dev.fncluster.api.error.ServiceException;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Data in memory; loads that a test holds back complete when it says so. */
final class FakeData implements AsyncDataAccess {
  final Map<String, App> apps = new ConcurrentHashMap<>();
  final Map<String, Fn> fns = new ConcurrentHashMap<>();
  final Map<String, Trigger> triggers = new ConcurrentHashMap<>();
  volatile boolean slow;

  @Override
  public CompletableFuture<String> appIdByName(String name) {
    return answer(
        apps.values().stream()
            .filter(each -> each.name().equals(name))
            .map(App::id)
            .findFirst()
            .orElse(null),
        "App not found");
  }

  @Override
  public CompletableFuture<App> app(String id) {
    return answer(apps.get(id), "App not found");
  }

  @Override
  public CompletableFuture<Fn> fn(String id) {
    return answer(fns.get(id), "Fn not found");
  }

  @Override
  public CompletableFuture<Trigger> triggerBySource(String appId, String type, String source) {
    return answer(triggers.get(appId + type + source), "Trigger not found");
  }

  private <T> CompletableFuture<T> answer(@Nullable T value, String missing) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Runnable settle =
        () -> {
          if (value == null) {
            future.completeExceptionally(new ServiceException(404, missing));
          } else {
            future.complete(value);
          }
        };
    if (slow) {
      Thread.ofVirtual().start(settle);
    } else {
      settle.run();
    }
    return future;
  }
}
