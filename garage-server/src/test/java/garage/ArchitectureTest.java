package garage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

  static Stream<Arguments> forbiddenEdges() {
    return ArchitectureLaw.MODULES.entrySet().stream()
        .flatMap(entry ->
            ArchitectureLaw.MODULES.keySet().stream()
                .filter(to -> !to.equals(entry.getKey()) && !entry.getValue().contains(to))
                .map(to -> Arguments.of(entry.getKey(), to + ".crime")));
  }

  static Stream<Arguments> allowedEdges() {
    return ArchitectureLaw.MODULES.entrySet().stream()
        .flatMap(entry ->
            entry.getValue().stream()
                .map(to ->
                    Arguments.of(
                        entry.getKey(),
                        to + (entry.getKey().equals("cli") && to.equals("admin") ? ".api" : ""))));
  }

  @ParameterizedTest
  @MethodSource("forbiddenEdges")
  void everyForbiddenEdgeBreaksTheDependencyLaw(String from, String to, @TempDir Path classes) {
    assertEquals(List.of(from), breakers(from, to, classes));
  }

  @Test
  void theCommandLineMustNotContainTheAdminApi(@TempDir Path classes) {
    assertEquals(List.of("cli"), breakers("cli", "admin.rpc", classes));
  }

  @ParameterizedTest
  @MethodSource("allowedEdges")
  void noAllowedEdgeBreaksTheDependencyLaw(String from, String to, @TempDir Path classes) {
    assertEquals(List.of(), breakers(from, to, classes));
  }

  /** The modules whose rules a class of {@code from} breaks that names a class of {@code to}. */
  private static List<String> breakers(String from, String to, Path classes) {
    compile(
        classes,
        Map.of(
            "Accused", "package garage.%s.crime; class Accused { garage.%s.Witness w; }",
            "Witness", "package garage.%2$s; public class Witness {}"),
        from,
        to);
    JavaClasses imported = new ClassFileImporter().importPath(classes);
    assertEquals(2, imported.size());
    return ArchitectureLaw.dependencies().stream()
        .filter(rule -> rule.evaluate(imported).hasViolation())
        .map(rule -> rule.getDescription().replaceAll("(?s).*?'garage\\.(\\w+)\\.\\..*", "$1"))
        .distinct()
        .toList();
  }

  private static void compile(Path into, Map<String, String> sources, String from, String to) {
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((name, text) -> units.add(new Source(name, text.formatted(from, to))));
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(null, null, null, List.of("-d", into.toString()), null, units)
            .call();
    assertTrue(compiled, "the classes compile");
  }

  /** A class as text. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
