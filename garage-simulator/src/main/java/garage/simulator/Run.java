package garage.simulator;

import garage.common.env.Tasks;
import garage.common.hash.Digests;
import garage.simulator.check.Violation;
import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import garage.simulator.fault.Injector;
import garage.simulator.planted.Awake;
import garage.simulator.workload.Aftermath;
import garage.simulator.workload.Client;
import garage.simulator.workload.InTheEnd;
import garage.simulator.workload.Ledger;
import garage.simulator.workload.Rules;
import garage.simulator.workload.Settled;
import garage.simulator.workload.Step;
import garage.simulator.workload.Versions;
import garage.testkit.env.Limits;
import garage.testkit.env.Simulation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Executes a plan: a storm, in which clients work and faults come and go; then peace, in which
 * everything must be answered, and in the end be as if nothing had happened.
 */
public final class Run {
  private static final Limits LIMITS = new Limits(50_000_000, Duration.ofDays(2));

  /** How soon after the last fault a cluster must serve every request again. */
  private static final Duration RECOVERY_MAX = Duration.ofMinutes(3);

  /** How long a client waits for an answer that is patient, as all are in the end. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String ENABLED =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final Plan plan;
  private final Simulation world;
  private @Nullable Ledger ledger;

  public Run(Plan plan) {
    this.plan = plan;
    this.world = new Simulation(plan.seed(), LIMITS);
  }

  /** Runs the plan to its end. */
  public Report execute() {
    List<Violation> violations = new ArrayList<>();
    try {
      world.run(this::body);
    } catch (IllegalStateException | AssertionError e) {
      violations.add(new Violation(Rule.NO_BUG, text(e)));
    }
    Ledger kept = ledger;
    if (kept != null) {
      violations.addAll(kept.verdict());
    }
    return new Report(
        plan,
        violations,
        world.elapsed(),
        world.trace().digest(),
        kept == null ? 0 : kept.undecided(),
        kept == null ? java.util.Map.of() : kept.answers());
  }

  /** Everything clients saw. */
  String everything() {
    Ledger kept = ledger;
    return kept == null ? "" : kept.everything();
  }

  private static String text(Throwable e) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = e; at != null; at = at.getCause()) {
      text.append(at).append('\n');
      StackTraceElement[] frames = at.getStackTrace();
      for (int i = 0; i < Math.min(12, frames.length); i++) {
        text.append("    at ").append(frames[i]).append('\n');
      }
    }
    return text.toString();
  }

  private void body() {
    Awake.night();
    Cluster cluster = new Cluster(world, plan.cluster());
    cluster.boot();
    expectDone(cluster.s3(cluster.machine(1), Request.of("PUT", "/" + Client.BUCKET)));
    if (plan.work().versioned()) {
      Request request = Request.of("PUT", "/" + Client.BUCKET + "?versioning");
      expectDone(
          cluster.s3(cluster.machine(1), request.with(ENABLED.getBytes(StandardCharsets.UTF_8))));
    }
    Ledger opened =
        new Ledger(world.clock(), plan.incidents().stream().anyMatch(i -> i.fault().isOfADisk()));
    ledger = opened;
    if (plan.work().suspended()) {
      opened.suspends();
    }
    Rules rules = new Rules(plan.cluster().dayMillis());
    if (plan.work().expires()) {
      byte[] document = rules.document();
      opened.lifecycle(rules);
      expectDone(
          cluster.s3(
              cluster.machine(1),
              Request.of("PUT", "/" + Client.BUCKET + "?lifecycle")
                  .with(document)
                  .with("Content-MD5", Base64.getEncoder().encodeToString(md5(document)))));
    }
    Awake.morning();
    Injector faults = new Injector(cluster, opened);
    faults.start(plan.incidents());
    storm(cluster, opened);
    faults.finish();
    peace(cluster, opened, faults);
  }

  private static byte[] md5(byte[] document) {
    return Digests.md5().digest(document);
  }

  private static void expectDone(Outcome outcome) {
    if (!(outcome instanceof Outcome.Reply reply && reply.status() == 200)) {
      throw new IllegalStateException("no bucket: " + outcome);
    }
  }

  private void storm(Cluster cluster, Ledger opened) {
    long began = world.clock().nanos();
    List<Tasks.Task> clients = new ArrayList<>();
    for (int c = 0; c < plan.work().clients(); c++) {
      List<Step> steps = Client.stepsOf(plan.steps(), c);
      boolean patient = c < plan.work().patient();
      Duration patience = patient ? PATIENCE : Duration.ofMillis(plan.timing().patience());
      Client client = new Client(cluster, opened, "c" + c, patience);
      clients.add(world.tasks().start("client", () -> work(client, steps, began)));
    }
    clients.forEach(Tasks.Task::join);
  }

  private void work(Client client, List<Step> steps, long began) {
    for (Step step : steps) {
      long wait = began + Duration.ofMillis(step.atMillis()).toNanos() - world.clock().nanos();
      if (wait > 0) {
        world.clock().sleep(Duration.ofNanos(wait));
      }
      client.perform(step);
    }
  }

  private void peace(Cluster cluster, Ledger opened, Injector faults) {
    within(
        opened,
        "every node runs and knows the others",
        () -> {
          cluster.lasting().forEach(Machine::start);
          return cluster.lasting().stream().allMatch(cluster::connected);
        });
    within(opened, "a machine that is lost is replaced", faults::replaced);
    within(
        opened,
        "a change of layout ends",
        () ->
            cluster.lasting().stream().mapToLong(cluster::settledLayout).distinct().count() == 1
                && cluster.settledLayout(cluster.lasting().getFirst()) > 0);
    within(opened, "what needs a block that is lost is purged", faults::purged);
    within(opened, "a scrub that was paused goes on", faults::resumed);
    Client reader = new Client(cluster, opened, "end", PATIENCE);
    for (String key : opened.keys()) {
      for (Machine machine : cluster.lasting()) {
        within(
            opened, "GET " + key + " at " + machine.name(), () -> reader.readWhole(machine, key));
      }
    }
    for (Machine machine : cluster.lasting()) {
      int index = cluster.machines().indexOf(machine);
      within(opened, "LIST at " + machine.name(), () -> reader.listWhole(index));
    }
    if (plan.work().versioned()) {
      checkVersions(cluster, opened, reader);
    }
    if (plan.ending() != Plan.Ending.READ && opened.clean()) {
      Settled settled = new Settled(cluster, opened, Math.min(3, plan.cluster().copies()));
      settled.check();
      if (!plan.work().versioned()) {
        settled.checkCounters();
      }
    }
    if (plan.work().expires() && opened.clean()) {
      Rules rules = new Rules(plan.cluster().dayMillis());
      new InTheEnd(cluster, reader, rules, plan.work().versioned())
          .check(plan.ending() != Plan.Ending.READ);
    }
    if (plan.ending() == Plan.Ending.DELETED && opened.clean()) {
      new Aftermath(cluster, reader, plan.work().versioned()).check();
    }
  }

  private void checkVersions(Cluster cluster, Ledger opened, Client reader) {
    int pageKeys = 1 + (int) (plan.seed() % 7);
    for (Machine machine : cluster.lasting()) {
      Versions versions = new Versions(reader, machine, pageKeys);
      within(opened, "LIST of versions at " + machine.name(), versions::list);
      versions.check();
      within(opened, "GET of versions at " + machine.name(), versions::readAll);
      if (plan.work().expires() || plan.work().suspended()) {
        within(opened, "GET of keys at " + machine.name(), versions::readPresent);
      }
      pageKeys = 1_000;
    }
  }

  private void within(Ledger opened, String what, BooleanSupplier done) {
    long end = world.clock().nanos() + RECOVERY_MAX.toNanos();
    while (!done.getAsBoolean()) {
      if (world.clock().nanos() > end) {
        opened.violation(Rule.AVAILABLE, "not within " + RECOVERY_MAX + ": " + what);
        return;
      }
      world.clock().sleep(LOOK_EVERY);
    }
  }
}
