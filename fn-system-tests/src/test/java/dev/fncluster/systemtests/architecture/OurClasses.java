package dev.fncluster.systemtests.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;

/** The classes that rules are about: those of all modules, without their tests. */
final class OurClasses {
  private OurClasses() {}

  /** All of them; {@code more} leaves some out. */
  static JavaClasses read(ImportOption... more) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        // Tests of another module, in a jar.
        .withImportOption(location -> !location.contains("-tests.jar"))
        .withImportOption(location -> Arrays.stream(more).allMatch(each -> each.includes(location)))
        .importPackages("dev.fncluster");
  }
}
