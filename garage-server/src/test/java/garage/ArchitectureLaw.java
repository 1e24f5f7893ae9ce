package garage;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * THE LAW OF THIS TREE. Before you loosen a rule to make your change compile, think again: each is
 * here because something was lost without it, and the simulator stands on all of them.
 */
final class ArchitectureLaw {
  /** Every module and the modules it may use, itself aside. */
  static final Map<String, Set<String>> MODULES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("common", Set.of()),
              Map.entry("db", Set.of("common")),
              Map.entry("layout", Set.of("common")),
              Map.entry("http", Set.of("common")),
              Map.entry("rpc", Set.of("common", "layout")),
              Map.entry("table", Set.of("common", "db", "layout", "rpc")),
              Map.entry("block", Set.of("common", "db", "layout", "rpc")),
              Map.entry("model", Set.of("common", "db", "layout", "rpc", "table", "block")),
              Map.entry("s3api", Set.of("common", "http", "model", "table", "block")),
              Map.entry(
                  "admin", Set.of("common", "http", "model", "table", "block", "rpc", "layout")),
              Map.entry("cli", Set.of("common", "rpc", "admin")),
              Map.entry(
                  "server",
                  Set.of(
                      "common", "db", "layout", "rpc", "table", "block", "model", "http", "s3api",
                      "admin", "cli")),
              Map.entry(
                  "benchmarks",
                  Set.of(
                      "common", "db", "layout", "rpc", "table", "block", "model", "http", "s3api",
                      "admin", "cli", "server"))));

  /** The packages that turn a seam into the real thing. */
  static final String[] ADAPTERS = {
    "garage.common.env.system..",
    "garage.db.rocksdb..",
    "garage.rpc.netty..",
    "garage.rpc.jdk..",
    "garage.http.netty..",
    "garage.server.process..",
    "garage.server.logging..",
    "garage.benchmarks..",
  };

  private static final Map<String, String[]> CONFINED =
      new TreeMap<>(
          Map.of(
              "io.netty..", new String[] {"garage.rpc.netty..", "garage.http.netty.."},
              "org.rocksdb..", new String[] {"garage.db.rocksdb.."},
              "org.bouncycastle..", new String[] {"garage.rpc.handshake.."},
              "com.github.luben..", new String[] {"garage.block.disk.."},
              "com.fasterxml.jackson..",
                  new String[] {"garage.http.json..", "garage.server.config.."},
              "picocli..", new String[] {"garage.cli..", "garage.server.process.."},
              "ch.qos.logback..", new String[] {"garage.server.logging.."},
              "javax.xml..", new String[] {"garage.s3api.xml.."}));

  private ArchitectureLaw() {}

  /** Modules depend downward only. */
  static List<ArchRule> dependencies() {
    List<ArchRule> rules = new ArrayList<>();
    MODULES.forEach((module, allowed) -> {
      String[] forbidden =
          MODULES.keySet().stream()
              .filter(other -> !other.equals(module) && !allowed.contains(other))
              .map(other -> "garage." + other + "..")
              .toArray(String[]::new);
      if (forbidden.length > 0) {
        rules.add(
            noClasses()
                .that()
                .resideInAPackage("garage." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden)
                .because("modules depend downward only; see pom.xml for the order")
                .allowEmptyShould(true));
      }
    });
    rules.add(
        noClasses()
            .that()
            .resideInAPackage("garage.cli..")
            .should()
            .dependOnClassesThat(
                describe(
                    "are of garage.admin but not its api or json",
                    c ->
                        c.getPackageName().startsWith("garage.admin")
                            && !c.getPackageName().startsWith("garage.admin.api")
                            && !c.getPackageName().startsWith("garage.admin.json")))
            .because("the command line speaks the admin API, it does not contain it")
            .allowEmptyShould(true));
    return rules;
  }

  /** Each third-party library is used in the packages made for it. */
  static List<ArchRule> confinement() {
    List<ArchRule> rules = new ArrayList<>();
    CONFINED.forEach((library, packages) ->
        rules.add(
            noClasses()
                .that()
                .resideInAPackage("garage..")
                .and()
                .resideOutsideOfPackages(with(packages, "garage.benchmarks.."))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because("it is confined to " + String.join(", ", packages))
                .allowEmptyShould(true)));
    return rules;
  }

  /** Nothing but the adapters reads a clock, rolls dice, starts a thread or opens anything. */
  static List<ArchRule> noAmbientAuthority() {
    return List.of(
        banned("garage.common.env.Clock", ArchitectureLaw::readsTheClock),
        banned("garage.common.env.RandomSource", ArchitectureLaw::rollsDice),
        banned("garage.common.env.Tasks, Gate, Promise and Mailbox", ArchitectureLaw::threads),
        banned("the timed waits of garage.common.env.Gate", ArchitectureLaw::waitsWithTimeout),
        bannedTypes(
            "garage.common.env.Disk or HostFiles", "java.nio.file..", "java.nio.channels.."),
        banned("garage.common.env.Disk or HostFiles", ArchitectureLaw::opensFiles),
        bannedTypes("garage.common.env.Network", "java.net.http..", "javax.net.."),
        banned("garage.common.env.Network", ArchitectureLaw::opensSockets));
  }

  /** Two nodes must fit one process. */
  static List<ArchRule> noMutableStatics() {
    return List.of(
        fields()
            .that()
            .areStatic()
            .and(describe("are written in source", f -> !isSynthetic(f)))
            .should()
            .beFinal()
            .because("static state is shared between the nodes of a simulation")
            .allowEmptyShould(true),
        fields()
            .that()
            .areStatic()
            .should()
            .notHaveRawType(
                describe("a type made to be changed", ArchitectureLaw::isMadeToBeChanged))
            .because("static state is shared between the nodes of a simulation")
            .allowEmptyShould(true));
  }

  /** No two packages need each other. */
  static ArchRule noCycles() {
    return slices().matching("garage.(**)").should().beFreeOfCycles();
  }

  private static ArchRule banned(String instead, java.util.function.Predicate<JavaAccess<?>> what) {
    return noClasses()
        .that()
        .resideInAPackage("garage..")
        .and()
        .resideOutsideOfPackages(ADAPTERS)
        .should()
        .accessTargetWhere(describe("is ambient authority; use " + instead, what))
        .because("only through the seams can a cluster be simulated: use " + instead)
        .allowEmptyShould(true);
  }

  private static ArchRule bannedTypes(String instead, String... packages) {
    return noClasses()
        .that()
        .resideInAPackage("garage..")
        .and()
        .resideOutsideOfPackages(ADAPTERS)
        .should()
        .dependOnClassesThat(resideInAnyPackage(packages).and(notBuffers()))
        .because("only through the seams can a cluster be simulated: use " + instead)
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> notBuffers() {
    return describe("not a charset", c -> !c.getPackageName().startsWith("java.nio.charset"));
  }

  private static boolean readsTheClock(JavaAccess<?> access) {
    String owner = owner(access);
    String name = access.getName();
    boolean now = name.equals("now") && owner.startsWith("java.time.");
    boolean system =
        owner.equals("java.lang.System")
            && (name.equals("currentTimeMillis") || name.equals("nanoTime"));
    boolean date = owner.equals("java.util.Date") && noArguments(access);
    boolean clock = owner.equals("java.time.Clock") && name.startsWith("system");
    return now || system || date || clock;
  }

  private static boolean rollsDice(JavaAccess<?> access) {
    String owner = owner(access);
    return owner.equals("java.util.Random")
        || owner.equals("java.util.SplittableRandom")
        || owner.equals("java.util.concurrent.ThreadLocalRandom")
        || owner.equals("java.security.SecureRandom")
        || (owner.equals("java.util.UUID") && access.getName().equals("randomUUID"))
        || (owner.equals("java.lang.Math") && access.getName().equals("random"));
  }

  private static boolean threads(JavaAccess<?> access) {
    String owner = owner(access);
    boolean future =
        owner.equals("java.util.concurrent.CompletableFuture")
            && (access.getName().endsWith("Async")
                || access.getName().endsWith("Timeout")
                || access.getName().equals("delayedExecutor"));
    boolean thread =
        owner.startsWith("java.lang.Thread")
            && !access.getName().equals("currentThread")
            && !access.getName().equals("interrupt");
    return future
        || thread
        || owner.equals("java.util.concurrent.Executors")
        || owner.equals("java.util.concurrent.ForkJoinPool")
        || owner.equals("java.util.concurrent.ThreadPoolExecutor")
        || owner.equals("java.util.Timer")
        || (owner.equals("java.lang.Object")
            && (access.getName().equals("wait") || access.getName().startsWith("notify")));
  }

  private static boolean waitsWithTimeout(JavaAccess<?> access) {
    if (!owner(access).startsWith("java.util.concurrent.") || !(access instanceof JavaCall<?> c)) {
      return false;
    }
    return c.getTarget().getRawParameterTypes().stream()
        .anyMatch(t -> t.getName().equals("java.util.concurrent.TimeUnit"));
  }

  private static boolean opensFiles(JavaAccess<?> access) {
    return owner(access).matches("java\\.io\\.(File|RandomAccessFile).*");
  }

  private static boolean opensSockets(JavaAccess<?> access) {
    return owner(access).matches("java\\.net\\.(.*Socket|InetAddress|InetSocketAddress|URL)");
  }

  private static boolean isMadeToBeChanged(JavaClass type) {
    return type.getPackageName().equals("java.util.concurrent.atomic")
        || type.getPackageName().equals("java.util.concurrent.locks")
        || type.getName()
            .matches(
                "java\\.util(\\.concurrent)?\\.(\\w*(HashMap|TreeMap|SkipListMap|HashSet"
                    + "|TreeSet|ArrayList|LinkedList|Deque|Queue))");
  }

  private static boolean isSynthetic(JavaField field) {
    return field.getModifiers().contains(JavaModifier.SYNTHETIC);
  }

  private static boolean noArguments(JavaAccess<?> access) {
    return access instanceof JavaCall<?> call && call.getTarget().getRawParameterTypes().isEmpty();
  }

  private static String owner(JavaAccess<?> access) {
    return access.getTargetOwner().getName();
  }

  private static String[] with(String[] packages, String more) {
    String[] all = java.util.Arrays.copyOf(packages, packages.length + 1);
    all[packages.length] = more;
    return all;
  }
}
