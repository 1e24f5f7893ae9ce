package garage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that each gate of the build refuses what it must: a project of this project's own parent
 * POM is built with one fault in it, by the Maven that runs this test.
 */
final class GateTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private record Result(int exitCode, String output) {}

  @Test
  void nullWhereNoneMayBeEndsTheBuild() throws IOException {
    assertRefused(
        "[NullAway]", "final class Fault {\n  String none() {\n    return null;\n  }\n}\n");
  }

  @Test
  void whatErrorProneFindsEndsTheBuild() throws IOException {
    assertRefused(
        "[SelfEquals]",
        "final class Fault {\n  boolean same(String a) {\n    return a.equals(a);\n  }\n}\n");
  }

  @Test
  void aWarningEndsTheBuild() throws IOException {
    assertRefused(
        "[UnusedVariable]",
        "final class Fault {\n  void unused() {\n    int nothing = 1;\n  }\n}\n");
  }

  @Test
  void sourceThatIsNotFormattedEndsTheBuild() throws IOException {
    Path file = directory.resolve("src").resolve("Fault.java");
    write(file, "final class Fault {\n    int four = 4;\n}\n");
    Result result = format("check");
    assertNotEquals(0, result.exitCode(), result.output());
    assertTrue(result.output().contains("not formatted: src/Fault.java"), result.output());
    assertTrue(result.output().contains("run scripts/fmt"), result.output());
    assertEquals(0, format("apply").exitCode());
    assertEquals("final class Fault {\n  int four = 4;\n}\n", Files.readString(file));
    assertEquals(0, format("check").exitCode());
  }

  @Test
  void theWantOfTheJdkIsSaidInOneLine() throws IOException {
    Path tools = directory.resolve("bin");
    for (String tool : List.of("bash", "dirname", "readlink", "grep")) {
      write(tools.resolve(tool), "#!/bin/sh\nexec %s \"$@\"\n".formatted(which(tool)));
      assertTrue(tools.resolve(tool).toFile().setExecutable(true));
    }
    Map<String, String> environment =
        Map.of("PATH", tools.toString(), "HOME", directory.toString(), "GARAGE_JDK_DIRS", "");
    String script = ROOT.resolve("scripts/lib/jdk-check").toString();
    Result none = run(List.of(tools.resolve("bash").toString(), script), environment);
    assertEquals(1, none.exitCode());
    assertEquals("Error: no JDK 25 found; install one, or set JAVA_HOME to it\n", none.output());
    Map<String, String> found =
        Map.of(
            "PATH", tools.toString(),
            "HOME", directory.toString(),
            "GARAGE_JDK_DIRS", System.getProperty("java.home"));
    assertEquals(new Result(0, ""), run(List.of(tools.resolve("bash").toString(), script), found));
  }

  private void assertRefused(String message, String source) throws IOException {
    Path pom = directory.resolve("pom.xml");
    Path parent = directory.toRealPath().relativize(ROOT.toRealPath().resolve("pom.xml"));
    write(pom, childOf(parent));
    Path sources = directory.resolve("src/main/java/gate");
    write(
        sources.resolve("package-info.java"),
        "@NullMarked\npackage gate;\n\nimport org.jspecify.annotations.NullMarked;\n");
    write(sources.resolve("Fault.java"), "package gate;\n\n" + source);
    Result result = maven(List.of("-f", pom.toString(), "compile"));
    assertNotEquals(0, result.exitCode(), result.output());
    assertTrue(result.output().contains("Fault.java"), result.output());
    assertTrue(result.output().contains(message), result.output());
  }

  private static String childOf(Path parent) {
    return """
    <project xmlns="http://maven.apache.org/POM/4.0.0">
      <modelVersion>4.0.0</modelVersion>
      <parent>
        <groupId>garage</groupId>
        <artifactId>garage-parent</artifactId>
        <version>0.1.0</version>
        <relativePath>%s</relativePath>
      </parent>
      <artifactId>gate</artifactId>
    </project>
    """
        .formatted(parent);
  }

  private Result format(String mode) {
    return maven(
        List.of(
            "-f",
            ROOT.resolve("pom.xml").toString(),
            "-N",
            "-Dformat.mode=" + mode,
            "-Dformat.root=" + directory,
            "initialize"));
  }

  private static Result maven(List<String> arguments) {
    String home = System.getProperty("maven.home");
    List<String> command = new ArrayList<>();
    command.add(home == null ? "mvn" : Path.of(home, "bin", "mvn").toString());
    command.addAll(List.of("-o", "-B", "-ntp", "-Dstyle.color=never"));
    String repository = System.getProperty("localRepository"); // told by surefire
    if (repository != null) {
      command.add("-Dmaven.repo.local=" + repository);
    }
    command.addAll(arguments);
    return run(command, System.getenv());
  }

  private static Result run(List<String> command, Map<String, String> environment) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), out);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Path which(String tool) {
    for (String place : System.getenv("PATH").split(":", -1)) {
      Path file = Path.of(place, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new AssertionError("no " + tool);
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
