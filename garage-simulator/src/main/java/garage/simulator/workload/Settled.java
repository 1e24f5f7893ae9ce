package garage.simulator.workload;

import garage.simulator.check.Violation.Rule;
import garage.simulator.client.Outcome;
import garage.simulator.client.Request;
import garage.simulator.cluster.Cluster;
import garage.simulator.cluster.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must hold of the disks of a cluster that was left in peace for a while, whatever happened
 * before: replicas have the same rows, and nobody else has any; every block that is referred to is
 * there, as often as it is counted; no work waits.
 */
public final class Settled {
  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  private static final Pattern WORKER =
      Pattern.compile(
          "\"name\"\\s*:\\s*\"([^\"]*)\"(?:(?!\"name\").)*?\"queueLength\"\\s*:\\s*([1-9]\\d*)",
          Pattern.DOTALL);

  private static final Pattern SIZE = Pattern.compile("<Size>(\\d+)</Size>");

  private final Cluster cluster;
  private final Patience patience;
  private final int copies;

  /** {@code copies} is the least replication factor there was. */
  public Settled(Cluster cluster, Ledger ledger, int copies) {
    this.cluster = cluster;
    this.patience = new Patience(cluster.world().clock(), ledger, LOOK_EVERY);
    this.copies = copies;
  }

  /** Waits until everything holds, and notes what never does. */
  public void check() {
    patience.await(Rule.REPLICAS_EQUAL, this::differences);
    patience.await(Rule.BLOCKS_EXACT, this::brokenBlocks);
    patience.await(Rule.QUEUES_EMPTY, this::queues);
  }

  /** Waits until counters say what a listing of all objects shows. */
  public void checkCounters() {
    patience.await(Rule.COUNTERS_TRUE, this::counters);
  }

  private String differences() {
    Map<String, Map<String, Long>> all = new TreeMap<>();
    TreeSet<String> places = new TreeSet<>();
    for (Machine machine : cluster.lasting()) {
      Map<String, Long> contents = new Inside(machine).contents();
      places.addAll(contents.keySet());
      all.put(machine.name(), contents);
    }
    for (String place : places) {
      List<String> who = new ArrayList<>();
      TreeSet<Long> digests = new TreeSet<>();
      all.forEach((machine, contents) -> {
        Long digest = contents.get(place);
        if (digest != null) {
          who.add(machine);
          digests.add(digest);
        }
      });
      if (digests.size() > 1 || who.size() < copies) {
        return "%s is held by %s in %d states".formatted(place, who, digests.size());
      }
    }
    return "";
  }

  private String brokenBlocks() {
    StringBuilder broken = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      String wrong = new Inside(machine).brokenBlocks();
      if (!wrong.isEmpty()) {
        broken.append(machine.name()).append(": ").append(wrong);
      }
    }
    return broken.toString();
  }

  /** What a bucket's counters say, against what a listing of it shows. */
  private String counters() {
    Machine first = cluster.lasting().getFirst();
    Request list = Request.of("GET", "/" + Client.BUCKET + "?list-type=2");
    if (!(cluster.s3(first, list) instanceof Outcome.Reply reply && reply.status() == 200)) {
      return "no listing";
    }
    long objects = 0;
    long bytes = 0;
    Matcher size = SIZE.matcher(reply.text());
    while (size.find()) {
      objects++;
      bytes += Long.parseLong(size.group(1));
    }
    StringBuilder wrong = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      String info = cluster.look(machine, "GetBucketInfo?globalAlias=" + Client.BUCKET);
      if (info == null) {
        continue; // one without a role has no copy of what every node has
      }
      if (number(info, "objects") != objects || number(info, "bytes") != bytes) {
        wrong.append(
            "%s counts %d objects of %d bytes, and there are %d of %d; "
                .formatted(
                    machine.name(),
                    number(info, "objects"),
                    number(info, "bytes"),
                    objects,
                    bytes));
      }
    }
    return wrong.toString();
  }

  private static long number(String json, String field) {
    Matcher matcher = Pattern.compile("\"" + field + "\"\\s*:\\s*(-?\\d+)").matcher(json);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : Long.MIN_VALUE;
  }

  private String queues() {
    StringBuilder waiting = new StringBuilder();
    for (Machine machine : cluster.lasting()) {
      String workers = cluster.admin(machine, "POST", "ListWorkers?node=self", "{}");
      Matcher worker = WORKER.matcher(workers);
      while (worker.find()) {
        waiting.append(
            "%s: %s has %s; ".formatted(machine.name(), worker.group(1), worker.group(2)));
      }
    }
    return waiting.toString();
  }
}
