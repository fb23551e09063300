package dev.fncluster.runner.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EngineVersionTest {
  private static final List<String> IN_ORDER =
      List.of(
          "1.13.1",
          "17.09.1-ce",
          "17.10.0-1",
          "17.10.0-9.x",
          "17.10.0-10",
          "17.10.0-alpha",
          "17.10.0-alpha.1",
          "17.10.0-alpha.beta",
          "17.10.0-beta.2",
          "17.10.0-beta.11",
          "17.10.0-ce",
          "17.10.0-ce-rc1",
          "17.10.0-rc1",
          "17.10.0",
          "17.10.1-ce",
          "20.10.24",
          "29.0.0-rc.1",
          "29.0.0");

  @Test
  void areInOrder() {
    List<EngineVersion> versions =
        IN_ORDER.stream().map(text -> EngineVersion.parse(text).orElseThrow()).toList();
    IntStream.range(0, versions.size())
        .forEach(i ->
            IntStream.range(0, versions.size())
                .forEach(j ->
                    assertThat(Integer.signum(versions.get(i).compareTo(versions.get(j))))
                        .as("%s and %s", versions.get(i), versions.get(j))
                        .isEqualTo(Integer.compare(i, j))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"20.10", "20.10.0", "20.10.0+dfsg1", "20.10.0~3", "020.10.000"})
  void whatIsNoPartOfTheOrderDoesNotMatter(String text) {
    EngineVersion version = EngineVersion.parse(text).orElseThrow();
    assertThat(version).isEqualByComparingTo(new EngineVersion(20, 10, 0, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "dev", "library-import", "17", "v17.10.0"})
  void otherTextsAreNone(String text) {
    assertThat(EngineVersion.parse(text)).isEmpty();
  }
}
