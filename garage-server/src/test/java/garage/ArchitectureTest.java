package garage;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the production code to {@link ArchitectureLaw}, and proves that each rule can fail. */
final class ArchitectureTest {
  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/garage-testkit"))
          .withImportOption(location -> !location.contains("/garage/testkit/"))
          .importPackages("garage");

  /** The classes of {@code garage.*.lawbreaker}, which break every rule once. */
  private static final JavaClasses LAWBREAKERS =
      new ClassFileImporter().importPackages("garage.layout.lawbreaker", "garage.http.lawbreaker");

  static Stream<ArchRule> rules() {
    return Stream.of(
            ArchitectureLaw.dependencies(),
            ArchitectureLaw.confinement(),
            ArchitectureLaw.noAmbientAuthority(),
            ArchitectureLaw.noMutableStatics(),
            List.of(ArchitectureLaw.noCycles()))
        .flatMap(List::stream);
  }

  static Stream<ArchRule> provableRules() {
    return Stream.of(
            ArchitectureLaw.confinement(),
            ArchitectureLaw.noAmbientAuthority(),
            ArchitectureLaw.noMutableStatics(),
            List.of(ArchitectureLaw.noCycles()))
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void productionCodeObeys(ArchRule rule) {
    rule.check(PRODUCTION);
  }

  @Test
  void everyModuleIsLookedAt() {
    for (String module : ArchitectureLaw.MODULES.keySet()) {
      if (!module.equals("benchmarks")) { // above the module of this test
        assertTrue(
            PRODUCTION.stream().anyMatch(c -> c.getPackageName().startsWith("garage." + module)),
            "no class of " + module);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("provableRules")
  void everyRuleIsBrokenByTheLawbreakers(ArchRule rule) {
    assertTrue(rule.evaluate(LAWBREAKERS).hasViolation(), rule.getDescription());
  }

  @Test
  void everyModuleCanBreakTheDependencyLaw() {
    assertTrue(
        ArchitectureLaw.dependencies().stream()
            .anyMatch(rule -> rule.evaluate(LAWBREAKERS).hasViolation()));
  }
}
