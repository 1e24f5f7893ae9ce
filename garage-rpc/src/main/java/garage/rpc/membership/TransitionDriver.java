package garage.rpc.membership;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.Epoch;
import garage.layout.LayoutDigest;
import garage.layout.LayoutHistory;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a change of layout from one epoch to the next. Every node tells its peers for which
 * partitions it is ready; a node that has heard of enough of them for every partition proposes the
 * next epoch to the {@link LayoutElection}. Nothing is kept but the layout itself, so any node may
 * stop at any time and any other goes on. What was said of another epoch, or of another layout of
 * the same number, does not count; what a node said before it died does: it is durable there.
 */
final class TransitionDriver {
  /** A node waits this long for each live node before it in the order of ids to propose. */
  private static final Duration TURN = Duration.ofSeconds(2);

  private static final Duration ELECTION_MAX = Duration.ofSeconds(10);

  /**
   * In a stable layout parts are asked again after this, and less often while they say the same.
   */
  private static final Duration STABLE_LOOK_MIN = Duration.ofSeconds(5);

  private static final Duration STABLE_LOOK_MAX = Duration.ofSeconds(30);

  /** In a change of layout many ask within a moment: peers, and what decides on the next epoch. */
  private static final Duration CHANGING_LOOK = Duration.ofMillis(100);

  private static final Logger LOG = LoggerFactory.getLogger(TransitionDriver.class);

  private final NodeId self;
  private final LayoutStore store;
  private final LayoutElection election;
  private final Clock clock;
  private final Predicate<NodeId> isUp;
  private final CopyOnWriteArrayList<TransitionPart> parts = new CopyOnWriteArrayList<>();
  private final ConcurrentHashMap<NodeId, Heard> heard = new ConcurrentHashMap<>();
  private volatile @Nullable Turn turn;
  private volatile @Nullable Began began;
  private volatile @Nullable Looked looked;

  /** What a node said of its readiness, and of which layout. */
  private record Heard(LayoutDigest of, List<PartReport> parts) {}

  /** Since when the step from an epoch could be made. */
  private record Turn(Epoch from, long sinceNanos) {}

  /** What parts said in a layout, which {@code age} after that is still believed. */
  private record Looked(LayoutHistory history, List<PartReport> reports, long at, Duration age) {}

  /** What was left when this node first looked at an epoch. */
  private record Began(Epoch epoch, long nanos, long remaining) {}

  TransitionDriver(
      NodeId self,
      LayoutStore store,
      LayoutElection election,
      Clock clock,
      Predicate<NodeId> isUp) {
    this.self = self;
    this.store = store;
    this.election = election;
    this.clock = clock;
    this.isUp = isUp;
  }

  void join(TransitionPart part) {
    parts.add(part);
    looked = null;
  }

  void heard(NodeId from, LayoutDigest of, List<PartReport> reports) {
    heard.put(from, new Heard(of, reports));
  }

  /** How far this node is; while nothing changes, a moment ago. */
  List<PartReport> mine() {
    LayoutHistory history = store.history();
    Looked before = looked;
    Looked last = before != null && before.history().equals(history) ? before : null;
    long now = clock.nanos();
    if (last != null && now - last.at() < last.age().toNanos()) {
      return last.reports();
    }
    List<PartReport> reports = reports(history, List.copyOf(parts));
    looked = new Looked(history, reports, now, believed(history, reports, last));
    return reports;
  }

  private static Duration believed(
      LayoutHistory history, List<PartReport> reports, @Nullable Looked last) {
    if (!history.epoch().isStable()) {
      return CHANGING_LOOK;
    }
    if (last == null || !reports.equals(last.reports())) {
      return STABLE_LOOK_MIN;
    }
    Duration longer = last.age().plus(last.age());
    return longer.compareTo(STABLE_LOOK_MAX) < 0 ? longer : STABLE_LOOK_MAX;
  }

  private List<PartReport> reports(LayoutHistory history, List<TransitionPart> parts) {
    List<PartReport> reports = new ArrayList<>();
    if (!history.current().isAssigned()) {
      return reports; // nothing is anywhere yet, and parts could not tell where it should be
    }
    for (TransitionPart part : parts) {
      reports.add(
          new PartReport(
              part.name(),
              ready(history, part),
              part.everywhere(),
              part.remaining(),
              part.done(),
              part.leaving()));
    }
    return reports;
  }

  private PartitionSet ready(LayoutHistory history, TransitionPart part) {
    Epoch epoch = history.epoch();
    if (part.everywhere()) {
      boolean ready = part.ready(epoch, Partition.of(0));
      return PartitionSet.of(p -> ready && p.number() == 0);
    }
    return PartitionSet.of(
        p -> history.current().nodesOf(p).contains(self) && part.ready(epoch, p));
  }

  /** Proposes the next epoch if it may begin and it is this node's turn. */
  void step() {
    LayoutHistory history = store.history();
    if (history.epoch().isStable() || !TransitionProgress.mayAdvance(history, reports(history))) {
      turn = null;
      return;
    }
    Turn current = turn;
    if (current == null || !current.from().equals(history.epoch())) {
      current = new Turn(history.epoch(), clock.nanos());
      turn = current;
    }
    long before =
        history.nodes().stream().filter(n -> n.compareTo(self) < 0 && isUp.test(n)).count();
    if (clock.nanos() - current.sinceNanos() >= before * TURN.toNanos()) {
      advance(history);
    }
  }

  private void advance(LayoutHistory history) {
    try {
      if (election.elect(history, history.advance(), Deadline.after(clock, ELECTION_MAX))) {
        LOG.info(
            "Change of layout: {} is followed by {}", history.epoch(), store.history().epoch());
      }
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      LOG.info("The next epoch after {} has to wait: {}", history.epoch(), e.getMessage());
    }
  }

  /**
   * Whether every node of the partition's set has everything of {@code part}; of a part that every
   * node has, whatever the partition, whether every node has.
   */
  boolean isComplete(String part, Partition partition) {
    LayoutHistory history = store.history();
    boolean everywhere = parts.stream().anyMatch(p -> p.everywhere() && p.name().equals(part));
    Partition reported = everywhere ? Partition.of(0) : partition;
    List<NodeId> nodes =
        everywhere ? history.current().nodes() : history.current().nodesOf(partition);
    Map<NodeId, List<PartReport>> reports = reports(history);
    return history.epoch().isStable()
        && !nodes.isEmpty()
        && nodes.stream()
            .allMatch(node ->
                reports.getOrDefault(node, List.of()).stream()
                    .anyMatch(r -> r.name().equals(part) && r.ready().contains(reported)));
  }

  TransitionProgress progress() {
    LayoutHistory history = store.history();
    TransitionProgress now = TransitionProgress.of(history, reports(history), -1);
    Began first = began;
    if (first == null
        || !first.epoch().equals(now.epoch())
        || first.remaining() < now.remaining()) {
      began = new Began(now.epoch(), clock.nanos(), now.remaining());
      return now;
    }
    long seconds = (clock.nanos() - first.nanos()) / 1_000_000_000;
    long gone = first.remaining() - now.remaining();
    return gone == 0 || seconds == 0
        ? now
        : TransitionProgress.of(history, reports(history), now.remaining() * seconds / gone);
  }

  /** What nodes said of the present epoch of this very layout. */
  private Map<NodeId, List<PartReport>> reports(LayoutHistory history) {
    Map<NodeId, List<PartReport>> reports = new TreeMap<>();
    heard.forEach((node, said) -> {
      if (said.of().epoch().equals(history.epoch())
          && said.of().current().equals(history.current().id())) {
        reports.put(node, said.parts());
      }
    });
    reports.put(self, mine());
    return reports;
  }
}
