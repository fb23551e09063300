package dev.fncluster.api.plugin;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;

/**
 * The classes of one jar. It sees the platform, what it has in common with the node, and itself;
 * not the libraries of the node, of which it may bring versions of its own, nor other plugins.
 */
final class PluginClassLoader extends URLClassLoader {
  /** Packages of which both sides need the very same classes. */
  private static final List<String> SHARED =
      List.of(
          "dev.fncluster.",
          "com.github.dockerjava.api.",
          "io.netty.",
          "org.slf4j.",
          "org.jspecify.");

  static {
    registerAsParallelCapable();
  }

  private final ClassLoader node;

  PluginClassLoader(String name, URL jar, ClassLoader node) {
    super(name, new URL[] {jar}, getPlatformClassLoader());
    this.node = node;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (SHARED.stream().anyMatch(name::startsWith)) {
      try {
        return node.loadClass(name);
      } catch (ClassNotFoundException notOfTheNode) {
        // Then the jar may have it, for example on a node that has nothing to do with containers.
        return super.findClass(name);
      }
    }
    return super.findClass(name);
  }
}
