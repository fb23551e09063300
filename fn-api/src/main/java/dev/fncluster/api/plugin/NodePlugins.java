package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.CallOverriderFactory;
import dev.fncluster.api.extension.Extension;
import dev.fncluster.api.loop.EventLoops;
import dev.fncluster.api.settings.SettingException;
import dev.fncluster.api.settings.Settings;
import dev.fncluster.api.tls.ReloadedTls;
import dev.fncluster.api.tls.TlsContexts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a node does about plugins from its start to its end: opens them, makes what the settings
 * name, and closes it when the node has stopped. For one thread at a time.
 */
public final class NodePlugins implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodePlugins.class);

  private final Settings settings;
  private final ExtensionSettings own;
  private final Plugins plugins;
  private final ExtensionRunner runner;
  private final StartLimit start;
  private final List<Object> made = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final OwnTls tls;
  private boolean brought;
  private @Nullable LoopWatch watch;

  /** How a part of a node is let go of. */
  @FunctionalInterface
  public interface Ending<T> {
    /**
     * Lets go of it.
     *
     * @throws Exception any failure
     */
    void of(T part) throws Exception;
  }

  private record Part(Class<?> kind, Callable<Boolean> ending) {}

  private NodePlugins(Settings settings, TlsContexts tls, ExtensionSettings own) {
    this.settings = settings;
    this.own = own;
    this.runner = new ExtensionRunner(own.limit());
    this.start = new StartLimit(runner, own.startLimit());
    this.tls = new OwnTls(settings, tls, ReloadedTls.PERIOD);
    this.plugins = Plugins.open(own.folder(), start);
  }

  /**
   * Opens the jars.
   *
   * @throws SettingException when that is not possible
   */
  public static NodePlugins open(Settings settings) {
    return open(settings, TlsContexts.none());
  }

  /**
   * As {@link #open(Settings)}.
   *
   * @param tls what the embedding program brings
   */
  public static NodePlugins open(Settings settings, TlsContexts tls) {
    return new NodePlugins(settings, tls, ExtensionSettings.from(settings));
  }

  /**
   * Opens the jars for a node that is put together with them; they are closed again if that fails,
   * after what the node had by then ({@link #part}).
   *
   * @param tls what the embedding program brings
   * @throws SettingException when they can't be opened
   */
  public static <N> N build(Settings settings, TlsContexts tls, Function<NodePlugins, N> node) {
    NodePlugins plugins = open(settings, tls);
    boolean built = false;
    try {
      N made = node.apply(plugins);
      built = true;
      plugins.parts.clear();
      return made;
    } finally {
      if (!built) {
        plugins.endParts();
        plugins.close();
      }
    }
  }

  /**
   * Has a part of the node be let go of if the node can't be put together after all: nobody can
   * stop it then, and the program may go on without it. The last part goes first.
   *
   * @return the same
   */
  public <T> T part(T value, Ending<? super T> ending) {
    parts.add(
        new Part(
            value.getClass(),
            () -> {
              ending.of(value);
              return true;
            }));
    return value;
  }

  private void endParts() {
    for (Part each : parts.reversed()) {
      try {
        each.ending.call();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        log.atWarn()
            .addKeyValue("part", each.kind.getName())
            .setCause(e)
            .log("A part of a node that can't be put together could not be closed");
      }
    }
    parts.clear();
  }

  /** The jars. */
  public Plugins plugins() {
    return plugins;
  }

  /** Runs the steps of all extensions of the node. */
  public ExtensionRunner runner() {
    return runner;
  }

  /** The settings of the node. */
  public Settings settings() {
    return settings;
  }

  /**
   * All that is done to the node: what the embedding program gives, then what the settings name.
   *
   * @throws SettingException when a plugin that is named can't be made, or an extension be set up
   */
  public NodeExtensions extensions(List<CallOverrider> overriders, List<Extension> extensions) {
    NodeExtensions all = new NodeExtensions(this);
    brought |= !overriders.isEmpty() || !extensions.isEmpty();
    overriders.forEach(all::overrider);
    for (Extension each : extensions) {
      made.add(each);
      all.add(each, start);
    }
    for (String name : own.overriders()) {
      CallOverrider overrider =
          plugins.make(
              CallOverriderFactory.class,
              ExtensionSettings.OVERRIDERS,
              name,
              List.of(),
              factory -> factory.create(all));
      made.add(overrider);
      all.overrider(overrider);
    }
    for (String name : own.extensions()) {
      made.add(
          plugins.make(
              Extension.class,
              ExtensionSettings.EXTENSIONS,
              name,
              List.of(),
              extension -> {
                extension.setUp(all);
                return extension;
              }));
    }
    return all;
  }

  /**
   * Has a factory of the embedding program make what it is for.
   *
   * @throws SettingException when it fails, takes too long, or makes nothing
   */
  public <T> T make(Object factory, Callable<@Nullable T> making) {
    T made = start.make(factory, "this program's factory " + factory.getClass().getName(), making);
    brought = true;
    return made;
  }

  /** TLS of extensions' own. */
  OwnTls tls() {
    return tls;
  }

  /**
   * Has what a plugin made be closed together with the node, if it can be.
   *
   * @return the same
   */
  public <T> T closing(T value) {
    made.add(value);
    return value;
  }

  /**
   * Watches the loops of the node, if there is anybody who might block them. Once, when all plugins
   * are made.
   *
   * @param given what the embedding program brings beside extensions and overriders; null for
   *     nothing
   */
  public void watch(EventLoops loops, @Nullable Object... given) {
    boolean any = brought || plugins.hasMade();
    for (Object each : given) {
      any |= each != null;
    }
    if (any) {
      watch = LoopWatch.start(loops, runner.limit());
    }
  }

  /** Closes what was made, the last first, and then the jars. */
  @Override
  public void close() {
    LoopWatch watching = watch;
    if (watching != null) {
      watching.close();
    }
    Collections.reverse(made);
    for (Object each : made) {
      if (each instanceof AutoCloseable closeable) {
        try {
          runner.run(each, Subject.NONE, closeable::close);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
          log.atWarn()
              .addKeyValue("extension", each.getClass().getName())
              .setCause(e)
              .log("An extension could not be closed");
        }
      }
    }
    made.clear();
    tls.close();
    plugins.close();
  }
}
