package dev.fncluster.api.http;

import static dev.fncluster.api.http.RawClient.get;
import static dev.fncluster.api.http.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are malformed, as few as can be of each kind; MalformedRequestTest has all. */
final class HttpServerRefusalsTest {
  @RegisterExtension final HttpServerRig rig = new HttpServerRig(SamplePages::add);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunkedx\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA: b\rC: d\r\n\r\n",
        "GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
        "rubbish\r\n\r\n"
      })
  void refusesWhatCouldBeReadInTwoWays(String request) throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer answer = client.send(request).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("Connection")).isEqualTo("close");
      assertThat(client.isClosed()).isTrue();
    }
    assertThat(rig.observed()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%", "/echo/%zz", "/%4", "/%c3%28", "/echo%00", "/%ff?x"})
  void refusesMalformedPathsAndGoesOn(String path) throws IOException {
    try (RawClient client = rig.connect()) {
      RawClient.Answer answer = client.send(get(path)).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.body()).isEqualTo("{\"message\":\"Path malformed\"}\n");
      assertThat(client.send(get("/")).read().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "3\nabc\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n", "-1\r\n"})
  void answersBrokenChunks(String chunks) throws IOException {
    try (RawClient client = rig.connect()) {
      client.send(request("POST", "/echo", "Transfer-Encoding: chunked"));
      RawClient.Answer answer = client.send(chunks).read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(client.isClosed()).isTrue();
    }
  }
}
