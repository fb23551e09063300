package org.example.tasting;

import dev.fncluster.api.extension.CallOverrider;
import dev.fncluster.api.extension.CallOverriderFactory;
import dev.fncluster.api.extension.Plugin;
import dev.fncluster.api.extension.PluginContext;
import dev.fncluster.api.model.Call;
import java.util.HashMap;
import java.util.Map;

/** On load balancers: every call brings a cheese along, and has no limit of CPUs. */
@Plugin(name = "cheese", api = Plugin.API_VERSION)
public final class Cheese implements CallOverriderFactory {
  @Override
  public CallOverrider create(PluginContext context) {
    String cheese = context.setting("CHEESE_NAME").orElse("Tete de Moine");
    return new CallOverrider() {
      @Override
      public Map<String, String> override(Call call, Map<String, String> extensions) {
        Map<String, String> config = new HashMap<>(call.config());
        config.remove("FN_CPUS");
        call.cpus(0).tmpfsSize(0).config(config);
        Map<String, String> all = new HashMap<>(extensions);
        all.put("FN_CHEESE", cheese);
        return all;
      }

      @Override
      public boolean mayBlock() {
        return false;
      }
    };
  }
}
