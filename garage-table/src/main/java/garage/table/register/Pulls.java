package garage.table.register;

import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.Bytes32;
import garage.common.id.NodeId;
import garage.layout.PartitionSet;
import garage.rpc.Answer;
import garage.rpc.CallOptions;
import garage.rpc.Endpoint;
import garage.rpc.Fanout;
import garage.rpc.Payload;
import garage.rpc.Priority;
import garage.rpc.Rpc;
import garage.table.sync.MerkleIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The calls by which a node is filled and verified: in the background, a page at a time. */
final class Pulls<V> {
  /** A page is read in milliseconds; a node that takes longer is done without for now. */
  private static final Duration CALL_MAX = Duration.ofSeconds(10);

  private final Rpc rpc;
  private final Endpoint<PullMessage, PullReply<V>> endpoint;
  private final Clock clock;

  Pulls(Rpc rpc, Endpoint<PullMessage, PullReply<V>> endpoint, Clock clock) {
    this.rpc = rpc;
    this.endpoint = endpoint;
    this.clock = clock;
  }

  Clock clock() {
    return clock;
  }

  NodeId self() {
    return rpc.self();
  }

  /** What each of {@code nodes} that answers says of those partitions it may speak for. */
  Map<NodeId, List<PullReply.Surveyed>> survey(
      long epoch, Collection<NodeId> nodes, PartitionSet partitions) {
    Map<NodeId, List<PullReply.Surveyed>> answers = new TreeMap<>();
    Payload<PullMessage> request = Payload.of(new PullMessage.Survey(epoch, partitions));
    CallOptions options = options();
    try (Fanout<PullReply<V>> fanout = rpc.fanout(endpoint, request, options)) {
      fanout.ask(nodes);
      for (Answer<PullReply<V>> answer = fanout.next(options.deadline());
          answer != null;
          answer = fanout.next(options.deadline())) {
        if (answer instanceof Answer.Success<PullReply<V>>(NodeId from, var payload)
            && payload.value() instanceof PullReply.Survey<V>(var surveyed)) {
          answers.put(from, surveyed);
        }
      }
    }
    return answers;
  }

  /** The digests of the slots of a partition. */
  List<Long> sums(NodeId node, PullMessage.Sums message) {
    return switch (call(node, message)) {
      case PullReply.Sums<V>(List<Long> sums) when sums.size() == MerkleIndex.SLOTS -> sums;
      case PullReply<V> _ -> throw strange(node);
    };
  }

  /** A page of promised keys. */
  List<byte[]> promised(NodeId node, PullMessage.Promised message) {
    return switch (call(node, message)) {
      case PullReply.Promised<V>(List<byte[]> keys) -> keys;
      case PullReply<V> _ -> throw strange(node);
    };
  }

  /** Every door that is closed on a node. */
  List<Doors.Closed> doors(NodeId node, long epoch) {
    List<Doors.Closed> all = new ArrayList<>();
    while (true) {
      Bytes32 after = all.isEmpty() ? null : all.getLast().group();
      switch (call(node, new PullMessage.Doors(epoch, after))) {
        case PullReply.Closed<V>(List<Doors.Closed> page) when page.isEmpty() -> {
          return all;
        }
        case PullReply.Closed<V>(List<Doors.Closed> page) -> all.addAll(page);
        case PullReply<V> _ -> throw strange(node);
      }
    }
  }

  /** All rows of some slots, without content. */
  List<PullReply.Row<V>> rows(NodeId node, PullMessage.Rows first) {
    List<PullReply.Row<V>> all = new ArrayList<>();
    PullMessage.Rows next = first;
    while (true) {
      switch (call(node, next)) {
        case PullReply.Rows<V>(List<PullReply.Row<V>> rows, MerkleIndex.Position position) -> {
          all.addAll(rows);
          if (position == null) {
            return all;
          }
          next = new PullMessage.Rows(first.epoch(), first.partition(), first.slots(), position);
        }
        case PullReply<V> _ -> throw strange(node);
      }
    }
  }

  /** Some of the rows of these keys, with content; none if there are none any more. */
  List<PullReply.Row<V>> fetch(NodeId node, PullMessage.Fetch message) {
    return switch (call(node, message)) {
      case PullReply.Rows<V>(List<PullReply.Row<V>> rows, MerkleIndex.Position _) -> rows;
      case PullReply<V> _ -> throw strange(node);
    };
  }

  private PullReply<V> call(NodeId node, PullMessage message) {
    return rpc.call(node, endpoint, message, options());
  }

  private CallOptions options() {
    return new CallOptions(Priority.BACKGROUND, Deadline.after(clock, CALL_MAX));
  }

  private static GarageException strange(NodeId node) {
    return new GarageException.Corrupt(node.shortHex() + " answers what it was not asked");
  }
}
