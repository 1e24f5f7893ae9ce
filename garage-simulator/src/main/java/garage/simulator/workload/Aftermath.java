package garage.simulator.workload;

import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must hold once nobody asks for anything any more: counters say what a listing shows, and
 * when every object was deleted and every upload given up, and the delays have passed, nothing is
 * left of them on any disk. A leak anywhere between an object and its blocks shows here.
 */
public final class Aftermath {
  /** Readers' grace, the delay before a block is deleted, and time for the work itself. */
  private static final Duration DELAYS = Duration.ofMinutes(50);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
  private static final int ATTEMPTS_MAX = 60;

  /** What is run where a machine is gone for ever, which knew alone what it was writing. */
  private static final String REPAIR = "{\"repairType\":\"versions\"}";

  /** Trees in which something stays only by mistake. */
  private static final List<String> EMPTY_TREES =
      List.of("object:body", "block_list", "part", "release_queue", "pending_data");

  private final Cluster cluster;
  private final Ledger ledger;
  private final Client client;
  private final boolean isVersioned;

  /** {@code isVersioned} if the bucket keeps versions; {@code client} is a patient one. */
  public Aftermath(Cluster cluster, Client client, boolean isVersioned) {
    this.cluster = cluster;
    this.ledger = client.ledger();
    this.client = client;
    this.isVersioned = isVersioned;
  }

  /** Checks everything, in virtual time of about an hour. */
  public void check() {
    deleteAll();
    if (cluster.lasting().size() < cluster.machines().size()) {
      for (Machine machine : cluster.lasting()) {
        cluster.admin(machine, "POST", "LaunchRepairOperation?node=self", REPAIR);
      }
    }
    cluster.world().clock().sleep(DELAYS);
    checkCounters();
    for (Machine machine : cluster.lasting()) {
      checkBlocks(machine);
      checkTrees(machine);
    }
  }

  private void deleteAll() {
    for (Machine machine : cluster.lasting()) {
      Versions versions = new Versions(client, machine, 1_000);
      if (isVersioned && versions.list()) {
        versions
            .entries()
            .forEach(entry ->
                insist(
                    Request.of("DELETE", Client.target(entry.key()) + "?versionId=" + entry.id())));
      }
    }
    ledger.keys().stream()
        .filter(key -> !isVersioned || Client.isFleeting(key))
        .forEach(key -> insist(Request.of("DELETE", Client.target(key))));
    for (Ledger.OpenUpload upload : ledger.uploads()) {
      insist(Request.of("DELETE", Client.target(upload.key()) + "?uploadId=" + upload.id()));
    }
  }

  private void insist(Request request) {
    List<Machine> machines = cluster.lasting();
    Outcome last = new Outcome.Refused();
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
      last = cluster.s3(machines.get(i % machines.size()), request);
      if (last instanceof Outcome.Reply reply && reply.status() < 500 && reply.status() != 409) {
        return;
      }
      cluster.world().clock().sleep(RETRY_AFTER);
    }
    ledger.violation(
        Rule.AVAILABLE, "%s %s -> %s".formatted(request.method(), request.target(), last));
  }

  private void checkCounters() {
    String info =
        cluster.admin(
            cluster.lasting().getFirst(), "GET", "GetBucketInfo?globalAlias=" + Client.BUCKET, "");
    for (String field : List.of("objects", "bytes")) {
      Matcher matcher = Pattern.compile("\"" + field + "\"\\s*:\\s*(-?\\d+)").matcher(info);
      if (!matcher.find() || Long.parseLong(matcher.group(1)) != 0) {
        ledger.violation(
            Rule.COUNTERS_TRUE,
            "an empty bucket has " + field + ": " + info.replaceAll("\\s+", " "));
      }
    }
  }

  private void checkBlocks(Machine machine) {
    List<String> left =
        machine.blockDisks().stream()
            .flatMap(disk -> disk.files().stream())
            .filter(file -> file.matches("([^/]*/)*[0-9a-f]{64}"))
            .toList();
    if (!left.isEmpty()) {
      ledger.violation(
          Rule.BLOCKS_EXACT,
          "%s still has %d blocks, though no object is left: %s"
              .formatted(machine.name(), left.size(), left.getFirst()));
    }
  }

  private void checkTrees(Machine machine) {
    Inside inside = new Inside(machine);
    List<String> left = new ArrayList<>();
    for (String tree : EMPTY_TREES) {
      int rows = inside.rows(tree);
      if (rows > 0) {
        left.add(tree + "=" + rows);
      }
    }
    if (inside.references() > 0) {
      left.add("references=" + inside.references());
    }
    if (!left.isEmpty()) {
      ledger.violation(Rule.QUEUES_EMPTY, machine.name() + " keeps rows of what is gone: " + left);
    }
  }
}
