package org.example.tasting;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.CallOverriderFactory;
import dev.fncluster.api.extension.Plugin;
import dev.fncluster.api.extension.PluginContext;
import java.util.HashMap;
import java.util.Map;

/** On runners: a wine to the cheese that calls bring along. */
@Plugin(name = "wine", api = Plugin.API_VERSION)
public final class Wine implements CallOverriderFactory {
  @Override
  public CallOverrider create(PluginContext context) {
    return (call, extensions) -> {
      Map<String, String> all = new HashMap<>(extensions);
      all.put("FN_WINE", "1982 Margaux");
      return all;
    };
  }
}
