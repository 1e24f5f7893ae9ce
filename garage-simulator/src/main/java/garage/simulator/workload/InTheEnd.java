package garage.simulator.workload;

import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.ClusterSettings;
import garage.simulator.cluster.Machine;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must hold some days, as lifecycles count them, after nobody asks for anything any more: all
 * that was to expire is gone, uploads that nobody went on with among it, and with it its blocks; no
 * request holds memory; nothing is pending. That something expires too soon shows in the histories.
 */
public final class InTheEnd {
  /** A day until it is due, another for what was not seen on the first, and one to do it. */
  private static final int DAYS = 3;

  private static final Duration LOOK_EVERY = Duration.ofSeconds(30);
  private static final Pattern SIZE =
      Pattern.compile("<Key>([^<]*)</Key>.*?<Size>(\\d+)</Size>", Pattern.DOTALL);
  private static final Pattern FREE = Pattern.compile("block_ram_buffer_free_kb (\\d+)");

  /**
   * Trees in which something is only while a request is under way, or blocks wait to be deleted.
   */
  private static final List<String> EMPTY_TREES = List.of("release_queue", "pending_data");

  private final Cluster cluster;
  private final Client client;
  private final Patience patience;
  private final Rules rules;
  private final boolean isVersioned;

  /** {@code client} is a patient one. */
  public InTheEnd(Cluster cluster, Client client, Rules rules, boolean isVersioned) {
    this.cluster = cluster;
    this.client = client;
    this.patience = new Patience(cluster.world().clock(), client.ledger(), LOOK_EVERY);
    this.rules = rules;
    this.isVersioned = isVersioned;
  }

  /** Waits until everything holds, and notes what never does; {@code settled} asks for more. */
  public void check(boolean settled) {
    cluster.world().clock().sleep(Duration.ofMillis(DAYS * rules.dayMillis()));
    patience.await(Rule.LIFECYCLE, this::objects);
    patience.await(Rule.LIFECYCLE, this::uploads);
    if (isVersioned) {
      patience.await(Rule.LIFECYCLE, this::versions);
    }
    patience.await(Rule.MEMORY_FREE, this::memory);
    if (settled) {
      patience.await(Rule.BLOCKS_EXACT, this::orphans);
      patience.await(Rule.QUEUES_EMPTY, this::rows);
    }
  }

  private String objects() {
    StringBuilder left = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      Request list = Request.of("GET", "/" + Client.BUCKET + "?list-type=2");
      if (!(cluster.s3(machine, list) instanceof Outcome.Reply reply && reply.status() == 200)) {
        return "no listing";
      }
      Matcher object = SIZE.matcher(reply.text());
      while (object.find()) {
        if (Rules.expires(object.group(1), Integer.valueOf(object.group(2)))) {
          left.append("%s still has %s; ".formatted(machine.name(), object.group(1)));
        }
      }
    }
    return left.toString();
  }

  private String uploads() {
    for (Machine machine : cluster.lasting()) {
      UploadList list = new UploadList(client, machine);
      if (!list.listAll(1_000)) {
        return "no listing of uploads";
      }
      if (!list.shown().isEmpty()) {
        return "%s still has the uploads %s".formatted(machine.name(), list.shown());
      }
    }
    return "";
  }

  /** Of some keys there is the present version alone, and that is no deletion. */
  private String versions() {
    for (Machine machine : cluster.lasting()) {
      Versions versions = new Versions(client, machine, 1_000);
      if (!versions.list()) {
        return "no listing of versions";
      }
      for (Versions.Entry entry : versions.entries()) {
        if (entry.key().startsWith(Rules.OLD) && (!entry.latest() || entry.marker())) {
          return "%s still has %s".formatted(machine.name(), entry);
        }
      }
    }
    return "";
  }

  private String orphans() {
    StringBuilder left = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      SortedSet<String> orphans = new Inside(machine).orphans();
      if (!orphans.isEmpty()) {
        left.append(
            "%s still has %d blocks nothing needs: %s; "
                .formatted(machine.name(), orphans.size(), orphans.first()));
      }
    }
    return left.toString();
  }

  private String rows() {
    StringBuilder left = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      for (String tree : EMPTY_TREES) {
        int rows = new Inside(machine).rows(tree);
        if (rows > 0) {
          left.append("%s has %d rows of %s; ".formatted(machine.name(), rows, tree));
        }
      }
    }
    return left.toString();
  }

  private String memory() {
    StringBuilder held = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      String metrics = cluster.metrics(machine);
      Matcher free = FREE.matcher(metrics == null ? "" : metrics);
      boolean all =
          free.find() && Long.parseLong(free.group(1)) == ClusterSettings.MEMORY_BYTES >> 10;
      if (!all) {
        held.append("%s has memory for blocks on loan; ".formatted(machine.name()));
      }
    }
    return held.toString();
  }
}
