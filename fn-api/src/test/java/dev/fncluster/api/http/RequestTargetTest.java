package dev.fncluster.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @Test
  void decodesThePathAndOnlyThat() {
    RequestTarget target = RequestTarget.parse("/a%2Fb/%C3%A9+%41?q=%20x%zz");
    assertThat(target).isNotNull();
    assertThat(target.path()).isEqualTo("/a/b/é+A");
    assertThat(target.uri()).isEqualTo("/a%2Fb/%C3%A9+%41?q=%20x%zz");
  }

  @Test
  void readsBytesBeyondAsciiAsUtf8() {
    assertThat(RequestTarget.parse("/\u00c3\u00a9?q=\u00c3\u00a9"))
        .isEqualTo(new RequestTarget("/\u00e9?q=\u00e9", "/\u00e9", true, null));
    RequestTarget broken = RequestTarget.parse("/\u00e9?q");
    assertThat(broken).isNotNull();
    assertThat(broken.wellFormed()).isFalse();
    assertThat(broken.path()).isEqualTo("/\ufffd");
  }

  @Test
  void takesAbsoluteTargets() {
    assertThat(RequestTarget.parse("http://host:1/x?y"))
        .isEqualTo(new RequestTarget("/x?y", "/x", true, "host:1"));
    assertThat(RequestTarget.parse("HTTPS://host"))
        .isEqualTo(new RequestTarget("/", "/", true, "host"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "http://", "http://a b/", "/a\u0001", "h:1"})
  void refusesWhatIsNone(String raw) {
    assertThat(RequestTarget.parse(raw)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%", "/%4", "/%zz", "/%4z", "/%ff", "/a%00b", "http://h/%"})
  void saysWhichPathsAreMalformed(String raw) {
    RequestTarget target = RequestTarget.parse(raw + "?q=%zz");
    assertThat(target).isNotNull();
    assertThat(target.wellFormed()).isFalse();
    assertThat(target.uri()).endsWith(target.path() + "?q=%zz");
  }

  @Test
  void togglesTheSlashBeforeTheQuery() {
    assertThat(new RequestTarget("/a/?b/", "/a/", true, null).withPathSlashToggled())
        .isEqualTo("/a?b/");
    assertThat(new RequestTarget("/a?b", "/a", true, null).withPathSlashToggled())
        .isEqualTo("/a/?b");
  }
}
