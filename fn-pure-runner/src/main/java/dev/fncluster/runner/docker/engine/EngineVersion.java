package dev.fncluster.runner.docker.engine;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of an engine, in the order of semantic versions: what stands behind a hyphen comes
 * before the version without it, a build behind a plus does not matter. Other than there, numbers
 * may begin with zeros, and the last of the three may be missing.
 *
 * @param preRelease what stands behind the hyphen; empty for nothing
 */
record EngineVersion(long major, long minor, long patch, String preRelease)
    implements Comparable<EngineVersion> {
  private static final Pattern FORM =
      Pattern.compile(
          "(\\d{1,18})\\.(\\d{1,18})(?:\\.(\\d{1,18}))?(?:-([0-9A-Za-z.-]+))?(?:[^0-9].*)?");
  private static final Comparator<EngineVersion> NUMBERS =
      Comparator.comparingLong(EngineVersion::major)
          .thenComparingLong(EngineVersion::minor)
          .thenComparingLong(EngineVersion::patch);

  /** Reads a version; empty when {@code text} does not begin with the numbers of one. */
  static Optional<EngineVersion> parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      return Optional.empty();
    }
    String patch = m.group(3);
    String preRelease = m.group(4);
    return Optional.of(
        new EngineVersion(
            Long.parseLong(m.group(1)),
            Long.parseLong(m.group(2)),
            patch == null ? 0 : Long.parseLong(patch),
            preRelease == null ? "" : preRelease));
  }

  @Override
  public int compareTo(EngineVersion other) {
    int byNumbers = NUMBERS.compare(this, other);
    return byNumbers != 0 ? byNumbers : comparePreReleases(preRelease, other.preRelease);
  }

  private static int comparePreReleases(String one, String other) {
    if (one.isEmpty() || other.isEmpty()) {
      return Boolean.compare(one.isEmpty(), other.isEmpty());
    }
    String[] ones = one.split("\\.", -1);
    String[] others = other.split("\\.", -1);
    for (int i = 0; i < Math.min(ones.length, others.length); i++) {
      int byPart = compareParts(ones[i], others[i]);
      if (byPart != 0) {
        return byPart;
      }
    }
    return Integer.compare(ones.length, others.length);
  }

  private static int compareParts(String one, String other) {
    boolean number = isNumber(one);
    if (number != isNumber(other)) {
      return number ? -1 : 1;
    }
    return number ? Long.compare(Long.parseLong(one), Long.parseLong(other)) : one.compareTo(other);
  }

  private static boolean isNumber(String part) {
    return part.matches("\\d{1,18}");
  }
}
