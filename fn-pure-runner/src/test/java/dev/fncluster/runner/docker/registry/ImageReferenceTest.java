package dev.fncluster.runner.docker.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageReferenceTest {
  private static final String DIGEST = "sha256:abc0123";

  @ParameterizedTest
  @CsvSource({
    "fnproject/fn-test-utils, '', fnproject/fn-test-utils, latest",
    "fnproject/fn-test-utils:v1, '', fnproject/fn-test-utils, v1",
    "my.registry/fn-test-utils, my.registry, fn-test-utils, latest",
    "my.registry/fn-test-utils:v1, my.registry, fn-test-utils, v1",
    "mongo, '', library/mongo, latest",
    "mongo:v1, '', library/mongo, v1",
    "quay.com/fnproject/fn-test-utils, quay.com, fnproject/fn-test-utils, latest",
    "quay.com:8080/fnproject/fn-test-utils:v2, quay.com:8080, fnproject/fn-test-utils, v2",
    "localhost.localdomain:5000/samalba/hipache:latest, localhost.localdomain:5000,"
        + " samalba/hipache, latest",
    "localhost.localdomain:5000/samalba/hipache/isthisallowedeven:latest,"
        + " localhost.localdomain:5000, samalba/hipache/isthisallowedeven, latest",
    "localhost/fn, localhost, fn, latest",
  })
  void takesNamesApart(String image, String registry, String path, String tag) {
    assertThat(ImageReference.parse(image)).isEqualTo(new ImageReference(registry, path, tag));
    assertThat(ImageReference.parse(image + "@" + DIGEST))
        .isEqualTo(new ImageReference(registry, path, DIGEST));
    assertThat(ImageReference.parse(image).repository())
        .isEqualTo(registry.isEmpty() ? path : registry + "/" + path);
  }
}
