package dev.fncluster.api.access;

import dev.fncluster.api.extension.ReadDataAccess;
import dev.fncluster.api.model.App;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A source whose answers a test sets; the fn's image says how often the source was asked. */
final class FakeSource implements ReadDataAccess {
  final AtomicInteger asked = new AtomicInteger();
  volatile @Nullable RuntimeException failure;

  @Override
  public String appIdByName(String name) {
    return "id-" + name + "-" + ask();
  }

  @Override
  public App app(String id) {
    return new App(id, "app" + ask(), Map.of(), Map.of(), null, "", null, null);
  }

  @Override
  public Fn fn(String id) {
    return new Fn(id, "fn", "app", "image" + ask(), 1, 1, 1, Map.of(), Map.of(), "", null, null);
  }

  @Override
  public Trigger triggerBySource(String appId, String type, String source) {
    return new Trigger("t" + ask(), "n", appId, "f", null, null, type, source, Map.of());
  }

  private int ask() {
    int count = asked.incrementAndGet();
    RuntimeException fail = failure;
    if (fail != null) {
      throw fail;
    }
    return count;
  }
}
