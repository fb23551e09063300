package dev.fncluster.api.plugin;

import dev.fncluster.api.extension.Plugin;
import dev.fncluster.api.settings.Setting;
import dev.fncluster.api.settings.SettingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins of a node: those in the jars of a folder, each with a class loader of its own, and
 * those on the class path of the program. Nothing of a plugin runs before it is asked for by name.
 *
 * <p>For one thread.
 */
public final class Plugins implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Plugins.class);

  private final List<Source> sources = new ArrayList<>();
  private final StartLimit start;
  private boolean hasMade;

  private record Source(String place, ClassLoader loader) {}

  private record Found<F>(ServiceLoader.Provider<F> provider, Plugin plugin, String place) {
    String description() {
      return provider.type().getName() + " of " + place;
    }
  }

  private Plugins(StartLimit start) {
    this.start = start;
    sources.add(new Source("the class path", Plugins.class.getClassLoader()));
  }

  /** What a factory's method is, so that it can be called for all kinds of them. */
  @FunctionalInterface
  public interface Making<F, T> {
    /** Has {@code factory} make it. */
    @Nullable T with(F factory) throws Exception;
  }

  /**
   * Opens all jars of a folder.
   *
   * @param folder empty for the class path alone
   * @param start for how long each may take to be made
   * @throws SettingException when there is no such folder, or one of its jars can't be read
   */
  static Plugins open(Optional<Path> folder, StartLimit start) {
    Plugins plugins = new Plugins(start);
    if (folder.isPresent()) {
      boolean opened = false;
      try {
        plugins.openAll(folder.get());
        opened = true;
      } finally {
        if (!opened) {
          plugins.close();
        }
      }
    }
    return plugins;
  }

  private void openAll(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new SettingException(
          ExtensionSettings.FOLDER.name() + " is \"" + folder + "\", which is no folder");
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path jar : files.filter(each -> each.toString().endsWith(".jar")).sorted().toList()) {
        openJar(jar);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new SettingException(
          ExtensionSettings.FOLDER.name() + " is \"" + folder + "\", which can't be read: " + e);
    }
  }

  private void openJar(Path jar) throws IOException {
    String name = String.valueOf(jar.getFileName());
    // The class loader would take a broken jar for an empty one.
    try (JarFile file = new JarFile(jar.toFile())) {
      log.atInfo().addKeyValue("jar", name).addKeyValue("entries", file.size()).log("plugin jar");
    } catch (IOException e) {
      throw new SettingException(
          ExtensionSettings.FOLDER.name() + " has the jar " + name + ", which can't be read: " + e);
    }
    sources.add(
        new Source(
            name,
            new PluginClassLoader(name, jar.toUri().toURL(), Plugins.class.getClassLoader())));
  }

  /**
   * Has the plugin of that name make what it is for.
   *
   * @param kind the factories among which it is looked for
   * @param setting where the operator named it, for messages
   * @param builtIn the names that the setting knows without plugins
   * @throws SettingException when there is none or several of that name, when it was made for other
   *     interfaces than this node has, or when it fails or takes too long
   */
  public <F, T> T make(
      Class<F> kind,
      Setting<?> setting,
      String name,
      Collection<String> builtIn,
      Making<F, T> making) {
    Found<F> found = find(kind, setting, name, builtIn);
    String failure = setting.name() + " is \"" + name + "\": " + found.description();
    T made =
        start.make(found.provider().type(), failure, () -> making.with(found.provider().get()));
    hasMade = true;
    log.atInfo()
        .addKeyValue("setting", setting.name())
        .addKeyValue("plugin", name)
        .addKeyValue("jar", found.place())
        .log("plugin in use");
    return made;
  }

  /**
   * Checks that there is the plugin that {@link #make} would use, for what is made later.
   *
   * @throws SettingException when there is none or several of that name, or when it was made for
   *     other interfaces than this node has
   */
  public <F> void check(
      Class<F> kind, Setting<?> setting, String name, Collection<String> builtIn) {
    var unused = find(kind, setting, name, builtIn);
  }

  /**
   * Checks that what a setting names is built in and nothing else: of a plugin of that name nobody
   * could tell whether it is meant, and it would never be used.
   *
   * @param kind the factories among which it is looked for
   * @param setting where the operator named it, or whose default it is
   * @param builtIn the name
   * @throws SettingException when there is a plugin of that name
   */
  public <F> void checkBuiltIn(Class<F> kind, Setting<?> setting, String builtIn) {
    for (Source source : sources) {
      try {
        providers(kind, source)
            .filter(provider -> isNamed(provider, builtIn))
            .findFirst()
            .ifPresent(provider -> {
              throw new SettingException(
                  setting.name()
                      + " is \""
                      + builtIn
                      + "\", which is built in, and "
                      + provider.type().getName()
                      + " of "
                      + source.place()
                      + " is called so too; give the plugin another name");
            });
      } catch (ServiceConfigurationError | LinkageError e) {
        // It would stop a node that asked for it; this one has no use for it.
        log.atWarn()
            .addKeyValue("jar", source.place())
            .addKeyValue("reason", StartLimit.root(e))
            .log("a plugin can't be used");
      }
    }
  }

  private static boolean isNamed(ServiceLoader.Provider<?> provider, String name) {
    Plugin plugin = provider.type().getAnnotation(Plugin.class);
    return plugin != null && plugin.name().equals(name);
  }

  private static <F> Stream<ServiceLoader.Provider<F>> providers(Class<F> kind, Source source) {
    return ServiceLoader.load(kind, source.loader()).stream()
        .filter(provider -> provider.type().getClassLoader() == source.loader());
  }

  /** Whether any plugin was made. */
  boolean hasMade() {
    return hasMade;
  }

  private <F> Found<F> find(
      Class<F> kind, Setting<?> setting, String name, Collection<String> builtIn) {
    List<Found<F>> all = all(kind);
    List<Found<F>> named = all.stream().filter(it -> it.plugin().name().equals(name)).toList();
    if (named.isEmpty()) {
      TreeSet<String> known = new TreeSet<>(builtIn);
      all.forEach(each -> known.add(each.plugin().name()));
      throw new SettingException(
          setting.name()
              + " names \""
              + name
              + "\", which is "
              + (known.isEmpty()
                  ? "no plugin: there are none of that kind"
                  : "unknown; known are " + String.join(", ", known)));
    }
    if (named.size() > 1) {
      throw new SettingException(
          setting.name()
              + " names \""
              + name
              + "\", which is ambiguous: "
              + String.join(" and ", named.stream().map(Found::description).toList()));
    }
    Found<F> found = named.getFirst();
    if (found.plugin().api() != Plugin.API_VERSION) {
      throw new SettingException(
          setting.name()
              + " names \""
              + name
              + "\": "
              + found.description()
              + " is made for version "
              + found.plugin().api()
              + " of the extension interfaces, and this node has version "
              + Plugin.API_VERSION);
    }
    return found;
  }

  private <F> List<Found<F>> all(Class<F> kind) {
    List<Found<F>> all = new ArrayList<>();
    for (Source source : sources) {
      try {
        providers(kind, source).forEach(provider -> all.add(found(provider, source.place())));
      } catch (ServiceConfigurationError | LinkageError e) {
        throw new SettingException(
            "a plugin of " + source.place() + " can't be used: " + StartLimit.root(e));
      }
    }
    return all;
  }

  private static <F> Found<F> found(ServiceLoader.Provider<F> provider, String place) {
    Plugin plugin = provider.type().getAnnotation(Plugin.class);
    if (plugin == null) {
      throw new SettingException(
          "a plugin of "
              + place
              + " can't be used: "
              + provider.type().getName()
              + " is not marked with @Plugin");
    }
    return new Found<>(provider, plugin, place);
  }

  /** Closes the jars; after everything that came from them. */
  @Override
  public void close() {
    for (Source source : sources) {
      if (source.loader() instanceof PluginClassLoader loader) {
        try {
          loader.close();
        } catch (IOException e) {
          log.atWarn().addKeyValue("jar", source.place()).setCause(e).log("can't be closed");
        }
      }
    }
  }
}
