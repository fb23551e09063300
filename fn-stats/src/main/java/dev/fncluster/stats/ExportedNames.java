package dev.fncluster.stats;

/** Makes metric names of view names. */
final class ExportedNames {
  private static final int LONGEST = 100;

  private ExportedNames() {}

  /** The exported name of the view {@code name}, before any suffix that an exporter adds. */
  static String of(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9]", "_");
    if (!clean.isEmpty() && clean.charAt(0) >= '0' && clean.charAt(0) <= '9') {
      clean = "key_" + clean;
    } else if (clean.startsWith("_")) {
      clean = "key" + clean;
    }
    return ViewRegistry.PREFIX + (clean.length() > LONGEST ? clean.substring(0, LONGEST) : clean);
  }
}
