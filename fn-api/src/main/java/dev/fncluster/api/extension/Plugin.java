package dev.fncluster.api.extension;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.apiguardian.api.API;

/**
 * What every factory in a jar for plugins is marked with. It is read before anything of the class
 * runs: only plugins that the settings name are made.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@API(status = API.Status.STABLE, since = "0.1")
public @interface Plugin {
  /** The version of the interfaces for extensions; another number means that old ones changed. */
  int API_VERSION = 1;

  /**
   * By what settings name it: letters, digits, {@code .}, {@code _} and {@code -}. Factories of one
   * kind need different names, and others than what the node has itself ({@code naive}, {@code
   * static}, {@code docker} and so on), which come first.
   */
  String name();

  /** Always {@link #API_VERSION}, which the compiler writes here as it is at that time. */
  int api();
}
