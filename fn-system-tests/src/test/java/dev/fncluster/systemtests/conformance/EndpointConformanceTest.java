package dev.fncluster.systemtests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where API nodes say that functions and triggers are called: the cases of A.7. */
@Timeout(120)
final class EndpointConformanceTest {
  private static final String FN = "fnproject.io/fn/invokeEndpoint";
  private static final String TRIGGER = "fnproject.io/trigger/httpEndpoint";

  private static LocalNodes nodes;
  private static WireClient node;
  private static String fn;
  private static String trigger;

  @BeforeAll
  static void start() throws Exception {
    nodes = new LocalNodes();
    node = nodes.startApi(Map.of());
    Resources api = new Resources(node);
    String app = api.create("apps", "{'name':'myApp'}");
    fn = api.create("fns", "{'name':'f','app_id':'%s','image':'i'}".formatted(app));
    trigger =
        api.create(
            "triggers",
            "{'name':'t','app_id':'%s','fn_id':'%s','type':'http','source':'/url/to/somewhere'}"
                .formatted(app, fn));
  }

  @AfterAll
  static void stop() throws Exception {
    nodes.close();
  }

  @Test
  void theHostThatWasAskedIsShown() throws Exception {
    String host = "Host: my-server.com:8192";

    assertThat(annotation(node.send("GET", "/v2/fns/" + fn, "", host).json(), FN))
        .isEqualTo("http://my-server.com:8192/invoke/" + fn);
    assertThat(annotation(node.send("GET", "/v2/triggers/" + trigger, "", host).json(), TRIGGER))
        .isEqualTo("http://my-server.com:8192/t/myApp/url/to/somewhere");
  }

  /** As programs do that change a part of what they read: corrected, decision 0003. */
  @Test
  void whatWasReadCanBeSentBackWhole() throws Exception {
    Resources api = new Resources(node);
    StringBuilder most = new StringBuilder("'k0':1");
    for (int i = 1; i < 100; i++) {
      most.append(",'k").append(i).append("':1");
    }
    String app = api.create("apps", "{'name':'" + "a".repeat(255) + "'}");
    String of = "'app_id':'" + app + "','annotations':{" + most + "}";
    String function = api.create("fns", "{'name':'f','image':'i'," + of + "}");
    // With the name of the app more than the 512 bytes that other annotations may have.
    String source = "/" + "s".repeat(255);
    String path =
        api.create(
            "triggers",
            "{'name':'t','type':'http','fn_id':'%s','source':'%s',%s}"
                .formatted(function, source, of));

    for (String each : List.of("/v2/fns/" + function, "/v2/triggers/" + path)) {
      JsonNode read = api.get(each);
      JsonNode after = api.put(each, read.toString());

      assertThat(read.get("annotations")).as(each).hasSize(101);
      assertThat(after.get("annotations")).as(each).hasSize(100);
      assertThat(after.get("updated_at")).as(each).isEqualTo(read.get("updated_at"));
    }
  }

  @Test
  void aFixedAddressIsShown() throws Exception {
    Resources fixed =
        new Resources(nodes.startApi(Map.of("FN_PUBLIC_LB_URL", "http://foo.bar.com/somewhere/")));

    assertThat(annotation(fixed.get("/v2/fns/" + fn), FN))
        .isEqualTo("http://foo.bar.com/somewhere/invoke/" + fn);
    assertThat(annotation(fixed.get("/v2/triggers/" + trigger), TRIGGER))
        .isEqualTo("http://foo.bar.com/somewhere/t/myApp/url/to/somewhere");
  }

  @Test
  void encryptedConnectionsAreSeen() throws Exception {
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .ecp256()
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path folder = nodes.folder();
    Path chain = Files.writeString(folder.resolve("cert.pem"), certificate.getCertificatePathPEM());
    Path key = Files.writeString(folder.resolve("key.pem"), certificate.getPrivateKeyPEM());
    int port =
        nodes
            .startApi(
                Map.of(
                    "FN_WEB_TLS_CERT_PATH", chain.toString(),
                    "FN_WEB_TLS_KEY_PATH", key.toString()))
            .port();
    SSLContext trust = SSLContext.getInstance("TLS");
    trust.init(null, certificate.toTrustManagerFactory().getTrustManagers(), null);
    String base = "https://localhost:" + port;

    try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
      assertThat(annotation(get(client, base + "/v2/fns/" + fn), FN))
          .isEqualTo(base + "/invoke/" + fn);
      assertThat(annotation(get(client, base + "/v2/triggers/" + trigger), TRIGGER))
          .isEqualTo(base + "/t/myApp/url/to/somewhere");
    }
  }

  private static JsonNode get(HttpClient client, String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60)).build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static String annotation(JsonNode resource, String key) {
    return resource.path("annotations").path(key).asText();
  }
}
