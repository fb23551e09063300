package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.Settings;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One request after the other on a connection, and its end. */
final class HttpServerConnectionsTest {
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(SamplePages::add);

  @Test
  void speaksTheOldProtocol() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer kept =
          client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read();
      assertThat(kept.header("Connection")).isEqualTo("keep-alive");
      RawClient.Answer streamed = client.send("GET /stream HTTP/1.0\r\n\r\n").read();
      assertThat(streamed.all("Transfer-Encoding")).isEmpty();
      assertThat(streamed.header("Connection")).isEqualTo("close");
      assertThat(streamed.body()).isEqualTo("Hello world");
    }
  }

  @Test
  void answersPipelinedRequestsInTurn() throws IOException {
    try (RawClient client = rig.connect()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        all.append(get("/stream"))
            .append(request("POST", "/echo", "Content-Length: 3"))
            .append("abc")
            .append(get("/nope" + i));
      }
      client.send(all.toString());
      for (int i = 0; i < 200; i++) {
        assertThat(client.read().body()).isEqualTo("Hello world");
        assertThat(client.read().body()).isEqualTo("abc");
        assertThat(client.read().body()).contains("/nope" + i + "\"");
      }
    }
  }

  @Test
  void closesWhenAskedTo() throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer last = client.send(get("/", "Connection: close")).read();
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
  }

  @Test
  void asksForTheBodyOnlyWhenItIsWanted() throws IOException {
    try (RawClient client = rig.connect()) {
      client.send(request("POST", "/echo", "Content-Length: 3", "Expect: 100-continue"));
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.send("abc").read().body()).isEqualTo("abc");
      client.send(request("POST", "/nope", "Content-Length: 3", "Expect: 100-continue"));
      RawClient.Answer answer = client.read();
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    try (RawClient client = rig.connect()) {
      assertThat(client.send(get("/", "Expect: miracles")).read().status()).isEqualTo(417);
    }
  }

  @Test
  void namesThePortItCanNotHave() throws IOException {
    HttpServer first = rig.start(Map.of());
    HttpServer second =
        HttpServer.builder(rig.loops(), HttpServerSettings.from(Settings.of(Map.of())))
            .port(first.port())
            .build();
    assertThatThrownBy(second::start).hasMessageContaining("port " + first.port());
  }
}
