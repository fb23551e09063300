package dev.fncluster.api.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.error.FnException;
import dev.fncluster.api.extension.RequestIdProvider;
import dev.fncluster.api.http.HttpExchange;
import dev.fncluster.api.http.HttpRequestHead;
import dev.fncluster.api.model.Headers;
import dev.fncluster.api.settings.Settings;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Providers of request ids that misbehave. */
final class RequestIdsTest {
  private final List<HttpExchange> handedOn = new ArrayList<>();

  private void handle(RequestIdProvider provider) throws Exception {
    NodeExtensions extensions =
        NodePlugins.open(Settings.of(Map.of()))
            .extensions(List.of(), List.of(site -> site.requestIds(provider)));
    HttpRequestHead request =
        new HttpRequestHead("GET", "/", "/", Map.of(), new Headers(), "http", "h");
    HttpExchange exchange =
        (HttpExchange)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {HttpExchange.class},
                (proxy, method, arguments) -> method.getName().equals("request") ? request : null);
    extensions.root("X-Id").before(handedOn::add).handle(exchange);
  }

  @Test
  @SuppressWarnings("NullAway") // What a plugin compiled without checks may do.
  void aProviderThatThrowsOrReturnsNullFailsItsRequest() throws Exception {
    List<RequestIdProvider> all =
        List.of(
            given -> {
              throw new NoSuchMethodError("other version");
            },
            given -> null);
    for (RequestIdProvider each : all) {
      assertThatThrownBy(() -> handle(each))
          .isInstanceOfSatisfying(
              FnException.class,
              e -> {
                assertThat(e.code()).isEqualTo(500);
                assertThat(e.publicMessage()).isEqualTo("an extension of this server failed");
              });
    }
    assertThat(handedOn).isEmpty();
    handle(given -> "id");
    assertThat(handedOn).hasSize(1);
  }
}
