package dev.fncluster.api.management;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** The order of texts by their bytes in UTF-8, as stores have it; that of Java differs. */
final class Utf8Order {
  static final Comparator<String> BY_BYTES =
      Comparator.comparing(
          (String text) -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private Utf8Order() {}
}
