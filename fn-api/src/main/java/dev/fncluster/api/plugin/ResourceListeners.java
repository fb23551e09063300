package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.AppListener;
import dev.fncluster.api.extension.FnAnnotator;
import dev.fncluster.api.extension.FnListener;
import dev.fncluster.api.extension.TriggerAnnotator;
import dev.fncluster.api.extension.TriggerListener;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Fn;
import dev.fncluster.api.model.Trigger;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * All that others do about apps, fns and triggers. Its methods block, within the limit of each
 * listener, and throw what the client is to be told. Thread-safe.
 */
public final class ResourceListeners {
  private final List<AppListener> apps;
  private final List<FnListener> fns;
  private final List<TriggerListener> triggers;
  private final @Nullable FnAnnotator fnAnnotator;
  private final @Nullable TriggerAnnotator triggerAnnotator;
  private final ExtensionRunner runner;

  /** A change that one listener makes. */
  @FunctionalInterface
  public interface Change<L, T> {
    /** What {@code listener} makes of {@code value}. */
    T of(L listener, T value) throws Exception;
  }

  /** What one listener is told. */
  @FunctionalInterface
  public interface News<L> {
    /** Tells it. */
    void tell(L listener) throws Exception;
  }

  ResourceListeners(
      List<AppListener> apps,
      List<FnListener> fns,
      List<TriggerListener> triggers,
      @Nullable FnAnnotator fnAnnotator,
      @Nullable TriggerAnnotator triggerAnnotator,
      ExtensionRunner runner) {
    this.apps = List.copyOf(apps);
    this.fns = List.copyOf(fns);
    this.triggers = List.copyOf(triggers);
    this.fnAnnotator = fnAnnotator;
    this.triggerAnnotator = triggerAnnotator;
    this.runner = runner;
  }

  /** Nobody listens. */
  public static ResourceListeners none() {
    return new ResourceListeners(
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        new ExtensionRunner(ExtensionRunner.DEFAULT_LIMIT));
  }

  /** What the app listeners make of {@code value}, one of the other. */
  public <T> T changeApp(T value, Change<AppListener, T> change) {
    return change(apps, Subject.NONE, value, change);
  }

  /** Tells the app listeners something of the app of that id. */
  public void tellApp(String id, News<AppListener> news) {
    tell(apps, new Subject("", "", id), news);
  }

  /** What the fn listeners make of {@code value}, one of the other. */
  public Fn changeFn(Fn value, Change<FnListener, Fn> change) {
    return change(fns, Subject.NONE, value, change);
  }

  /** Tells the fn listeners something of the fn of that id. */
  public void tellFn(String id, News<FnListener> news) {
    tell(fns, new Subject("", id, ""), news);
  }

  /** What the trigger listeners make of {@code value}, one of the other. */
  public Trigger changeTrigger(Trigger value, Change<TriggerListener, Trigger> change) {
    return change(triggers, Subject.NONE, value, change);
  }

  /** Tells the trigger listeners something. */
  public void tellTrigger(News<TriggerListener> news) {
    tell(triggers, Subject.NONE, news);
  }

  /** What others make of a fn in an answer; null where nobody does, and the node's own is right. */
  public @Nullable Fn annotate(HttpRequestHead request, Fn fn) {
    FnAnnotator by = fnAnnotator;
    return by == null
        ? null
        : call(by, new Subject("", fn.id(), fn.appId()), () -> by.annotate(request, fn));
  }

  /** As {@link #annotate(HttpRequestHead, Fn)}, of a trigger. */
  public @Nullable Trigger annotate(HttpRequestHead request, String appName, Trigger trigger) {
    TriggerAnnotator by = triggerAnnotator;
    return by == null
        ? null
        : call(
            by,
            new Subject("", trigger.fnId(), trigger.appId()),
            () -> by.annotate(request, appName, trigger));
  }

  private <L, T> T change(List<L> listeners, Subject subject, T value, Change<L, T> change) {
    T now = value;
    for (L each : listeners) {
      T before = now;
      now = call(each, subject, () -> change.of(each, before));
    }
    return now;
  }

  private <L> void tell(List<L> listeners, Subject subject, News<L> news) {
    for (L each : listeners) {
      boolean unused =
          call(
              each,
              subject,
              () -> {
                news.tell(each);
                return Boolean.TRUE;
              });
    }
  }

  private <T> T call(Object extension, Subject subject, Callable<T> step) {
    try {
      return runner.call(extension, subject, step);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ExtensionRunner.told(extension, subject, e);
    }
  }
}
