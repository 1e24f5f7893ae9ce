package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.common.id.NodeId;
import java.util.Comparator;

/** The order of attempts to change the layout. */
record Ballot(long number, NodeId node) implements Comparable<Ballot> {
  static final Codec<Ballot> CODEC =
      Codec.of(
          (out, b) -> out.varint(b.number).value(b.node, Codec.NODE_ID),
          in -> new Ballot(in.varint(), in.value(Codec.NODE_ID)));

  private static final Comparator<Ballot> ORDER =
      Comparator.comparingLong(Ballot::number).thenComparing(Ballot::node);

  @Override
  public int compareTo(Ballot other) {
    return ORDER.compare(this, other);
  }
}
