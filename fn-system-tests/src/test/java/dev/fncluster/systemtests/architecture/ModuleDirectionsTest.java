package dev.fncluster.systemtests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom. A module that is still empty breaks no rule. */
final class ModuleDirectionsTest {
  private static final String ROOT = "dev.fncluster.";

  @SuppressWarnings("NullAway.Init")
  private static JavaClasses classes;

  @BeforeAll
  static void readClasses() {
    classes = OurClasses.read();
  }

  @Test
  void theRulesSeeTheModules() {
    assertThat(classes)
        .extracting(each -> each.getPackageName())
        .contains("dev.fncluster.stats", "dev.fncluster.api.http", "dev.fncluster.proto");
  }

  /** Every module, and those it must not know. */
  @ParameterizedTest
  @CsvSource({
    "proto,      wire stats api datastore runnerpool placer lb runner server",
    "wire,       stats api datastore runnerpool placer lb runner server",
    "stats,      proto wire api datastore runnerpool placer lb runner server",
    "api,        proto wire datastore runnerpool placer lb runner server",
    "datastore,  proto wire runnerpool placer lb runner server",
    "runnerpool, datastore placer lb runner server",
    "placer,     datastore lb runner server",
    "lb,         datastore runner server",
    "runner,     datastore runnerpool placer lb server",
  })
  void modulesKnowOnlyWhatIsBelowThem(String module, String others) {
    check(
        noClasses()
            .that()
            .resideInAPackage(module(module))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                Arrays.stream(others.split(" ", -1))
                    .map(ModuleDirectionsTest::module)
                    .toArray(String[]::new)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "api", "datastore", "runnerpool", "placer", "lb"})
  void onlyTheRunnerKnowsDocker(String module) {
    check(
        noClasses()
            .that()
            .resideInAPackage(module(module))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.github.dockerjava.."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stats", "api", "datastore", "placer"})
  void onlyThoseOnTheWireKnowGrpc(String module) {
    check(
        noClasses()
            .that()
            .resideInAPackage(module(module))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc.."));
  }

  @Test
  void theRunnerKnowsNothingOfTheHttpInvokePath() {
    check(
        noClasses()
            .that()
            .resideInAPackage(module("runner"))
            .should()
            .dependOnClassesThat()
            .resideInAPackage(module("api.invoke")));
  }

  @Test
  void theFrontEndKnowsNothingOfWhatItServes() {
    check(
        noClasses()
            .that()
            .resideInAPackage(module("api.http"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                module("api.invoke"),
                module("api.management"),
                module("api.access"),
                module("api.node")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"api", "datastore", "runnerpool", "placer", "lb", "runner", "server"})
  void packagesOfAModuleHaveNoCycles(String module) {
    check(slices().matching(ROOT + module + ".(*)..").should().beFreeOfCycles());
  }

  private static String module(String name) {
    return ROOT + name + "..";
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(classes);
  }
}
