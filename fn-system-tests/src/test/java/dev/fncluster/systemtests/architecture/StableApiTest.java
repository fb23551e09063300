package dev.fncluster.systemtests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.fncluster.systemtests.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is for others: that it shows nothing else, and does not change by accident. */
final class StableApiTest {
  private static final String[] EXTENSIONS = {
    "dev.fncluster.api.extension", "dev.fncluster.runner.extension"
  };

  /** Whose types belong to contracts, beside the platform's. */
  private static final List<String> CONTRACT =
      List.of(
          "java.",
          "javax.net.ssl.",
          "io.netty.buffer.ByteBuf",
          "io.netty.channel.EventLoop",
          "io.netty.handler.ssl.SslContext",
          "io.grpc.stub.",
          "com.google.protobuf.ByteString",
          "com.github.dockerjava.api.",
          // The protocol between nodes, which has rules of its own about what may change.
          "dev.fncluster.proto.");

  @SuppressWarnings("NullAway.Init")
  private static JavaClasses classes;

  @TempDir private Path folder;

  @BeforeAll
  static void readClasses() {
    classes = OurClasses.read();
  }

  private static @Nullable String status(HasAnnotations<?> annotated) {
    return annotated
        .tryGetAnnotationOfType(API.class)
        .map(found -> found.status().name())
        .orElse(null);
  }

  /** Its own status, or that of the type around it. */
  private static String statusOf(JavaClass type) {
    String own = status(type);
    if (own != null) {
      return own;
    }
    return type.getEnclosingClass().map(StableApiTest::statusOf).orElse("INTERNAL");
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(StableApiTest::isPublic).orElse(true);
  }

  private static boolean isStable(JavaClass type) {
    return statusOf(type).equals("STABLE");
  }

  private static List<JavaClass> stable() {
    return classes.stream()
        .filter(StableApiTest::isStable)
        .filter(StableApiTest::isPublic)
        .toList();
  }

  private static boolean mayBeShown(JavaClass type) {
    JavaClass base = type.getBaseComponentType();
    return base.isPrimitive()
        || CONTRACT.stream().anyMatch(base.getName()::startsWith)
        || isStable(base);
  }

  @Test
  void everyTypeOfTheExtensionPackagesIsStable() {
    List<String> others =
        classes.stream()
            .filter(each -> List.of(EXTENSIONS).contains(each.getPackageName()))
            .filter(StableApiTest::isPublic)
            .filter(each -> !each.getSimpleName().equals("package-info"))
            .filter(each -> !isStable(each))
            .map(JavaClass::getName)
            .toList();
    assertThat(others).isEmpty();
    assertThat(stable()).hasSizeGreaterThan(50);
  }

  @Test
  void theExtensionPackagesKnowNothingInternal() {
    ArchRuleDefinition.classes()
        .that()
        .resideInAnyPackage(EXTENSIONS)
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are stable, or belong to the contract", StableApiTest::isOfTheContract))
        .check(classes);
  }

  private static boolean isOfTheContract(JavaClass type) {
    return mayBeShown(type)
        || type.getName().startsWith("org.apiguardian.")
        || type.getName().startsWith("org.jspecify.");
  }

  /** Wherever they are: also those beside which their package has something of ours. */
  @Test
  void whatOthersImplementKnowsNothingInternal() {
    ArchRuleDefinition.classes()
        .that(
            DescribedPredicate.describe(
                "are interfaces for others to implement",
                (JavaClass each) ->
                    isStable(each)
                        && isPublic(each)
                        && each.isInterface()
                        && !each.isAnnotation()
                        && !each.reflect().isSealed()))
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.describe(
                "are stable, or belong to the contract", StableApiTest::isOfTheContract))
        .check(classes);
  }

  @Test
  void whatIsStableShowsNothingElse() {
    Set<String> shown = new TreeSet<>();
    for (JavaClass each : stable()) {
      List<JavaType> types = new ArrayList<>(each.getInterfaces());
      each.getSuperclass().ifPresent(types::add);
      for (JavaMember member : each.getMembers()) {
        if (isForOthers(member)) {
          types.addAll(typesOf(member));
        }
      }
      for (JavaType type : types) {
        for (JavaClass involved : type.getAllInvolvedRawTypes()) {
          if (!mayBeShown(involved)) {
            shown.add(each.getName() + " shows " + involved.getName());
          }
        }
      }
    }
    assertThat(shown).as("mark these @API(status = STABLE), or what shows them INTERNAL").isEmpty();
  }

  private static boolean isForOthers(JavaMember member) {
    return (member.getModifiers().contains(JavaModifier.PUBLIC)
            || member.getModifiers().contains(JavaModifier.PROTECTED))
        && !member.getModifiers().contains(JavaModifier.SYNTHETIC)
        && !"INTERNAL".equals(status(member));
  }

  private static List<JavaType> typesOf(JavaMember member) {
    if (member instanceof JavaField field) {
      return List.of(field.getType());
    }
    JavaCodeUnit unit = (JavaCodeUnit) member;
    List<JavaType> all = new ArrayList<>(unit.getParameterTypes());
    all.add(unit.getReturnType());
    all.addAll(unit.getExceptionTypes());
    return all;
  }

  @Test
  void nothingChangesByAccident() throws IOException {
    Path agreed = Repository.root().resolve("config/api/agreed.jar");
    Path now = ApiJar.write(folder.resolve("now.jar"), forOthers());
    if (Boolean.getBoolean("fn.api.accept")) {
      Files.createDirectories(agreed.getParent());
      Files.copy(now, agreed, StandardCopyOption.REPLACE_EXISTING);
    }
    ApiChanges changes = ApiChanges.between(agreed, now, internalMembers());
    assertThat(changes.report())
        .as(
            "%s%n%s%nTo agree to it:%n  mvn -pl fn-system-tests -am package"
                + " -Dtest=StableApiTest -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dfn.api.accept=true%nand commit config/api/agreed.jar.",
            "What is for others (@API) is not what was agreed to.",
            changes.areCompatible()
                ? "What was made for it before still works."
                : "What was made for it before does NOT WORK ANY MORE. Find a way that is compatible;"
                    + " where there is a release, raise Plugin.API_VERSION.")
        .isEmpty();
  }

  private static List<JavaClass> forOthers() {
    return classes.stream()
        .filter(each -> !statusOf(each).equals("INTERNAL"))
        .filter(StableApiTest::isPublic)
        .toList();
  }

  private static List<String> internalMembers() {
    return classes.stream()
        .flatMap(each -> each.getMembers().stream())
        .filter(each -> "INTERNAL".equals(status(each)))
        .map(StableApiTest::nameOf)
        .toList();
  }

  private static String nameOf(JavaMember member) {
    String owner = member.getOwner().getName() + "#" + member.getName();
    return member instanceof JavaCodeUnit unit
        ? owner
            + "("
            + String.join(
                ", ", unit.getRawParameterTypes().stream().map(StableApiTest::nameOf).toList())
            + ")"
        : owner;
  }

  private static String nameOf(JavaClass type) {
    return type.isArray() ? nameOf(type.getComponentType()) + "[]" : type.getName();
  }

  @Test
  void aChangeThatBreaksOthersIsSeen() throws IOException {
    Path before = ApiJar.ofSource(folder, "before", "void a(); String b(int i);");
    Path more = ApiJar.ofSource(folder, "more", "void a(); String b(int i); default void c() {}");
    Path lost = ApiJar.ofSource(folder, "lost", "void a();");
    Path asked = ApiJar.ofSource(folder, "asked", "void a(); String b(int i); void c();");
    Path other = ApiJar.ofSource(folder, "other", "void a(); String b(long i);");
    assertThat(ApiChanges.between(before, before, List.of()).report()).isEmpty();
    ApiChanges grown = ApiChanges.between(before, more, List.of());
    assertThat(grown.report()).contains("c()");
    assertThat(grown.areCompatible()).isTrue();
    for (Path each : List.of(lost, asked, other)) {
      ApiChanges broken = ApiChanges.between(before, each, List.of());
      assertThat(broken.report()).isNotEmpty();
      assertThat(broken.areCompatible()).as(each.toString()).isFalse();
    }
    assertThat(ApiChanges.between(before, lost, List.of("org.example.I#b(int)")).report())
        .isEmpty();
  }
}
