package dev.fncluster.systemtests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What no class of ours does. Generated code and sample functions are left out. */
final class CodingRulesTest {
  private static final String NODE = "dev.fncluster.api.node..";

  @SuppressWarnings("NullAway.Init")
  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes =
        OurClasses.read(
            location -> !location.contains("dev/fncluster/proto/"),
            location -> !location.contains("dev/fncluster/testfunction/"));
  }

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        classes.stream()
            .map(each -> each.getPackage())
            .distinct()
            .filter(each -> !isNullMarked(each))
            .map(JavaPackage::getName)
            .toList();
    assertThat(unmarked).as("packages without @NullMarked").isEmpty();
  }

  @Test
  void onlyTheProcessItselfWritesToStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackage(NODE)
        .should(ACCESS_STANDARD_STREAMS)
        .because("everything else logs")
        .check(classes);
  }

  @Test
  void nobodySleeps() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", java.time.Duration.class)
        .because("waits are for conditions, with a deadline, and can be cut short")
        .check(classes);
  }

  @Test
  void onlyTheProcessItselfEndsTheProcess() {
    noClasses()
        .that()
        .resideOutsideOfPackage(NODE)
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .orShould()
        .callMethod(Runtime.class, "addShutdownHook", Thread.class)
        .because("a node is stopped through its stop method")
        .check(classes);
  }

  @Test
  void everybodyLogsThroughSlf4j() {
    noClasses()
        .that()
        .resideOutsideOfPackage(NODE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "ch.qos.logback..")
        .check(classes);
  }

  private static boolean isNullMarked(JavaPackage each) {
    return each.tryGetPackageInfo()
        .map(info -> info.isAnnotatedWith(NullMarked.class))
        .orElse(false);
  }
}
