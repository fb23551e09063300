package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {
  private static final HttpHandler NOTHING = exchange -> {};

  private final Router router = new Router();

  @BeforeEach
  void routes() {
    for (String each :
        new String[] {
          "GET /",
          "GET /v2/apps",
          "POST /v2/apps",
          "GET /v2/apps/{app_id}",
          "PUT /v2/apps/{app_id}",
          "GET /v2/fns/{fn_id}/calls/{call_id}",
          "POST /invoke/{fn_id}",
          "GET /t/{app_name}",
          "GET /t/{app_name}/*source",
          "GET /t/special/place",
          "GET /rest/of/*path",
          "* /any"
        }) {
      String[] parts = each.split(" ");
      router.add(parts[0], parts[1], NOTHING);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, /",
    "GET, /v2/apps, /v2/apps",
    "GET, /v2/apps/x, /v2/apps/{app_id}",
    "GET, /v2/fns/f/calls/c, /v2/fns/{fn_id}/calls/{call_id}",
    "GET, /t/a, /t/{app_name}",
    "GET, /t/a/, /t/{app_name}/*source",
    "GET, /t/a//x/, /t/{app_name}/*source",
    "GET, /t/special/place, /t/special/place",
    "GET, /t/special/other, /t/{app_name}/*source",
    "FOO, /any, /any"
  })
  void findsTheRoute(String method, String path, String pattern) {
    assertThat(router.match(method, path))
        .isInstanceOfSatisfying(
            Router.Match.Found.class,
            found -> assertThat(found.route().pattern()).isEqualTo(pattern));
  }

  @Test
  void namesTheParts() {
    assertThat(router.match("GET", "/t/a//x/"))
        .isInstanceOfSatisfying(
            Router.Match.Found.class,
            found ->
                assertThat(found.parameters())
                    .isEqualTo(Map.of("app_name", "a", "source", "//x/")));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v2/apps/, OtherSlash",
    "POST, /v2/apps/, OtherSlash",
    "GET, /v2/apps/x/, OtherSlash",
    "DELETE, /v2/apps/, NotFound",
    "PUT, /v2/apps/, NotFound",
    "POST, /invoke/, NotFound",
    "POST, /invoke, NotFound",
    "POST, /invoke/x/y, NotFound",
    "GET, /t, NotFound",
    "GET, /rest/of, NotFound",
    "GET, /t/, NotFound",
    "GET, /v2//apps, NotFound",
    "GET, /V2/apps, NotFound",
    "GET, //x, NotFound",
    "GET, *, NotFound",
    "DELETE, /v2/apps, WrongMethod",
    "HEAD, /v2/apps, WrongMethod",
    "FOO, /t/a/x, WrongMethod",
    "GET, /invoke/x, WrongMethod"
  })
  void saysWhyThereIsNone(String method, String path, String why) {
    assertThat(router.match(method, path).getClass().getSimpleName()).isEqualTo(why);
  }

  @Test
  void refusesPatternsThatCanNotWork() {
    assertThatThrownBy(() -> router.add("GET", "v2", NOTHING)).hasMessageContaining("slash");
    assertThatThrownBy(() -> router.add("GET", "/a/*b/c", NOTHING)).hasMessageContaining("last");
    assertThatThrownBy(() -> router.add("GET", "/v2/apps", NOTHING))
        .hasMessageContaining("already");
  }
}
