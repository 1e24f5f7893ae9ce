package garage.block;

import garage.block.SyncMessages.Compare;
import garage.block.SyncMessages.Differing;
import garage.block.SyncMessages.Equal;
import garage.block.SyncMessages.Exchange;
import garage.block.SyncMessages.Exchanged;
import garage.block.SyncMessages.Together;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import garage.layout.Partition;
import garage.layout.PartitionSet;
import garage.rpc.Payload;
import garage.rpc.membership.EpochFence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings the references of a partition on two replicas together: sums of its buckets tell which
 * differ, and of those each learns what the other knows more of. When it is done, either has
 * everything that the other had when it began, durably.
 */
final class ReferenceExchange {
  static final int KEY_BYTES = 64;

  private final BlockStore blocks;
  private final BlockPeers peers;
  private final ReferenceRows rows;
  private final ReferenceTenure tenure;

  ReferenceExchange(BlockStore blocks, BlockPeers peers, ReferenceTenure tenure) {
    this.blocks = blocks;
    this.peers = peers;
    this.tenure = tenure;
    this.rows = blocks.rows();
  }

  void serve() {
    EpochFence fence = peers.fence();
    peers
        .rpc()
        .serve(
            SyncMessages.EQUAL,
            (from, request, deadline) -> {
              BlockService.admitted(fence, from, request.value().epoch());
              Equal equal = new Equal(equal(request.value()));
              fence.check(request.value().epoch(), from);
              return Payload.of(equal);
            });
    peers
        .rpc()
        .serve(
            SyncMessages.COMPARE,
            (from, request, deadline) -> {
              BlockService.admitted(fence, from, request.value().epoch());
              tenure.check(request.value().partition());
              return Payload.of(compared(request.value()));
            });
    peers
        .rpc()
        .serve(
            SyncMessages.EXCHANGE,
            (from, request, deadline) -> {
              BlockService.admitted(fence, from, request.value().epoch());
              tenure.check(partition(request.value()));
              Exchanged exchanged = exchanged(request.value());
              fence.check(request.value().epoch(), from);
              return Payload.of(exchanged);
            });
  }

  /**
   * Which of {@code partitions} are the same here and at {@code peer}, as they are in {@code
   * epoch}; none that may not be shown here or there.
   */
  PartitionSet equal(NodeId peer, long epoch, PartitionSet partitions) {
    List<Long> roots = partitions.all().stream().map(rows.sums()::root).toList();
    Together together = new Together(epoch, partitions, roots);
    return peers.call(peer, SyncMessages.EQUAL, together).partitions().and(partitions);
  }

  private PartitionSet equal(Together theirs) {
    List<Partition> partitions = theirs.partitions().all();
    Set<Partition> equal = new HashSet<>();
    for (int i = 0; i < partitions.size(); i++) {
      Partition partition = partitions.get(i);
      if (!tenure.isStale(partition) && rows.sums().root(partition) == theirs.roots().get(i)) {
        equal.add(partition);
      }
    }
    return PartitionSet.of(equal::contains);
  }

  /**
   * Brings a partition here and at {@code peer} together, as they are in {@code epoch}; answers
   * whether they are the same in the end.
   */
  boolean with(NodeId peer, long epoch, Partition partition) {
    tenure.check(partition);
    Differing differing = compare(peer, epoch, partition);
    if (differing.buckets().isEmpty()) {
      return true;
    }
    for (int bucket : differing.buckets()) {
      exchange(peer, epoch, new byte[] {(byte) partition.number(), (byte) bucket});
    }
    return compare(peer, epoch, partition).buckets().isEmpty();
  }

  private Differing compare(NodeId peer, long epoch, Partition partition) {
    byte[] sums = ReferenceSums.encode(rows.sums().of(partition));
    return peers.call(peer, SyncMessages.COMPARE, new Compare(epoch, partition, sums));
  }

  private void exchange(NodeId peer, long epoch, byte[] prefix) {
    byte[] end = new byte[KEY_BYTES];
    Arrays.fill(end, (byte) 0xff);
    System.arraycopy(prefix, 0, end, 0, prefix.length);
    byte[] after = prefix;
    while (Arrays.compareUnsigned(after, end) < 0) {
      List<ReferenceRow> mine = rows.rows(after, end, SyncMessages.ROWS_MAX);
      byte[] to = mine.size() < SyncMessages.ROWS_MAX ? end : mine.getLast().reference().key();
      Exchanged answer =
          peers.call(peer, SyncMessages.EXCHANGE, new Exchange(epoch, after, to, mine));
      if (Arrays.compareUnsigned(answer.reached(), after) <= 0) {
        throw new GarageException.Corrupt(peer.shortHex() + " got nowhere with references");
      }
      blocks.merge(answer.rows());
      after = answer.reached();
    }
  }

  private static Partition partition(Exchange exchange) {
    if (exchange.after().length == 0) {
      throw new GarageException.InvalidInput("a range of references of no partition");
    }
    return Partition.of(exchange.after()[0] & 0xff);
  }

  private Differing compared(Compare compare) {
    long[] theirs = ReferenceSums.decode(compare.sums());
    long[] mine = rows.sums().of(compare.partition());
    List<Integer> differing = new ArrayList<>();
    for (int bucket = 0; bucket < ReferenceSums.BUCKETS; bucket++) {
      if (mine[bucket] != theirs[bucket]) {
        differing.add(bucket);
      }
    }
    return new Differing(differing);
  }

  private Exchanged exchanged(Exchange exchange) {
    blocks.merge(exchange.rows());
    Map<BlockReference, ReferenceState> theirs = new TreeMap<>(Comparator.naturalOrder());
    exchange.rows().forEach(row -> theirs.put(row.reference(), row.state()));
    List<ReferenceRow> more = new ArrayList<>();
    byte[] reached = exchange.after();
    while (Arrays.compareUnsigned(reached, exchange.to()) < 0) {
      List<ReferenceRow> mine = rows.rows(reached, exchange.to(), SyncMessages.ROWS_MAX);
      for (ReferenceRow row : mine) {
        @Nullable ReferenceState known = theirs.get(row.reference());
        if (known == null || known.compareTo(row.state()) < 0) {
          more.add(row);
        }
        if (more.size() == SyncMessages.ROWS_MAX) {
          return new Exchanged(row.reference().key(), more);
        }
      }
      reached =
          mine.size() < SyncMessages.ROWS_MAX ? exchange.to() : mine.getLast().reference().key();
    }
    return new Exchanged(exchange.to(), more);
  }

  /** The key after which nothing of a partition comes, inclusive. */
  static byte[] last(Partition partition) {
    byte[] rest = new byte[KEY_BYTES - 1];
    Arrays.fill(rest, (byte) 0xff);
    return new Writer(KEY_BYTES).u8(partition.number()).raw(rest).toBytes();
  }
}
