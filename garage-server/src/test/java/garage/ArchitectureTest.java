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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  /** Every module names a class of every other; the law finds those, and only those, it forbids. */
  @Test
  void everyForbiddenEdgeAndNoAllowedOneBreaksTheDependencyLaw(@TempDir Path classes) {
    Set<String> modules = ArchitectureLaw.MODULES.keySet();
    List<JavaFileObject> sources = new ArrayList<>();
    Set<String> forbidden = new TreeSet<>();
    for (String to : modules) {
      sources.add(witness(to));
      for (String from : modules) {
        if (!from.equals(to)) {
          sources.add(accused(from, to));
        }
        if (!from.equals(to) && !ArchitectureLaw.MODULES.get(from).contains(to)) {
          forbidden.add(from + " names " + to);
        }
      }
    }
    sources.add(witness("admin.rpc"));
    sources.add(witness("admin.api"));
    sources.add(accused("cli", "admin.rpc"));
    sources.add(accused("cli", "admin.api"));
    forbidden.add("cli names admin"); // itself is none of its api
    forbidden.add("cli names admin.rpc");
    compile(classes, sources);
    assertEquals(forbidden, broken(new ClassFileImporter().importPath(classes)));
  }

  private static Source witness(String where) {
    return new Source(
        "garage/" + where.replace('.', '/') + "/crime/Witness",
        "package garage.%s.crime; public class Witness {}".formatted(where));
  }

  private static Source accused(String from, String to) {
    String name = "Names_" + to.replace('.', '_');
    return new Source(
        "garage/" + from + "/crime/" + name,
        "package garage.%s.crime; class %s { garage.%s.crime.Witness w; }"
            .formatted(from, name, to));
  }

  private static Set<String> broken(JavaClasses accused) {
    Pattern edge = Pattern.compile("Field <garage\\.(\\w+)\\.crime\\.Names_(\\w+)\\.w>");
    Set<String> broken = new TreeSet<>();
    for (ArchRule rule : ArchitectureLaw.dependencies()) {
      for (String detail : rule.evaluate(accused).getFailureReport().getDetails()) {
        Matcher match = edge.matcher(detail);
        assertTrue(match.find(), detail);
        broken.add(match.group(1) + " names " + match.group(2).replace('_', '.'));
      }
    }
    return broken;
  }

  private static void compile(Path into, List<JavaFileObject> sources) {
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(null, null, null, List.of("-d", into.toString()), null, sources)
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
