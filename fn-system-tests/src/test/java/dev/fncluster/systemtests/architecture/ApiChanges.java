package dev.fncluster.systemtests.architecture;

import japicmp.cmp.JApiCmpArchive;
import japicmp.cmp.JarArchiveComparator;
import japicmp.cmp.JarArchiveComparatorOptions;
import japicmp.config.Options;
import japicmp.filter.JavadocLikeBehaviorFilter;
import japicmp.model.AccessModifier;
import japicmp.model.JApiChangeStatus;
import japicmp.model.JApiClass;
import japicmp.output.stdout.StdoutOutputGenerator;
import java.nio.file.Path;
import java.util.List;

/**
 * How two jars differ in what their public and protected members are.
 *
 * @param report empty for not at all
 * @param areCompatible whether what was compiled against the first one compiles against, and runs
 *     with, the second
 */
record ApiChanges(String report, boolean areCompatible) {
  /**
   * Compares.
   *
   * @param ignored members, such as {@code a.b.C#d(int)}
   */
  static ApiChanges between(Path before, Path after, List<String> ignored) {
    JarArchiveComparatorOptions options = new JarArchiveComparatorOptions();
    options.setAccessModifier(AccessModifier.PROTECTED);
    options.getIgnoreMissingClasses().setIgnoreAllMissingClasses(true);
    ignored.forEach(
        each -> options.getFilters().getExcludes().add(new JavadocLikeBehaviorFilter(each)));
    List<JApiClass> changed =
        new JarArchiveComparator(options)
                .compare(
                    new JApiCmpArchive(before.toFile(), "agreed"),
                    new JApiCmpArchive(after.toFile(), "now"))
                .stream()
                .filter(each -> each.getChangeStatus() != JApiChangeStatus.UNCHANGED)
                .toList();
    if (changed.isEmpty()) {
      return new ApiChanges("", true);
    }
    Options output = Options.newDefault();
    output.setOutputOnlyModifications(true);
    return new ApiChanges(
        new StdoutOutputGenerator(output, changed).generate(),
        changed.stream().allMatch(each -> each.isBinaryCompatible() && each.isSourceCompatible()));
  }
}
