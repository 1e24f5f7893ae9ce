package garage.layout;

import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * Which nodes keep each partition, two bytes a copy: for each partition in turn the positions of
 * its nodes in the sorted list of storage nodes, ascending. Of equal assignments the form is equal.
 */
final class Slots {
  /** What two bytes can tell apart. */
  static final int NODES_MAX = 1 << 16;

  private final int copies;
  private final char[] positions;

  private Slots(int copies, char[] positions) {
    this.copies = copies;
    this.positions = positions;
  }

  /** The nodes of each partition; {@code storage} is sorted. */
  static Slots of(int copies, List<NodeId> storage, List<? extends Collection<NodeId>> replicas) {
    if (replicas.size() != Partition.COUNT) {
      throw new GarageException.InvalidInput("there are nodes of every partition or of none");
    }
    char[] positions = new char[Partition.COUNT * copies];
    for (int p = 0; p < Partition.COUNT; p++) {
      Collection<NodeId> nodes = replicas.get(p);
      if (nodes.size() != copies) {
        throw new GarageException.InvalidInput(
            "partition %d has %d nodes instead of %d".formatted(p, nodes.size(), copies));
      }
      int slot = p * copies;
      for (NodeId node : nodes) {
        positions[slot++] = position(storage, node);
      }
      Arrays.sort(positions, p * copies, slot);
    }
    return new Slots(copies, positions).check(storage.size());
  }

  static Slots read(Reader in, int copies, int storageCount) {
    byte[] bytes = in.raw(2 * Partition.COUNT * copies);
    char[] positions = new char[bytes.length / 2];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (char) (((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff));
    }
    return new Slots(copies, positions).check(storageCount);
  }

  void write(Writer out) {
    for (char position : positions) {
      out.u8(position >>> 8).u8(position);
    }
  }

  /** The nodes of partition {@code p}, in the order of their ids. */
  List<NodeId> nodesOf(int p, List<NodeId> storage) {
    List<NodeId> nodes = new ArrayList<>(copies);
    for (int slot = p * copies; slot < (p + 1) * copies; slot++) {
      nodes.add(storage.get(positions[slot]));
    }
    return List.copyOf(nodes);
  }

  /** How many partitions each of {@code storageCount} nodes keeps. */
  int[] counts(int storageCount) {
    int[] counts = new int[storageCount];
    for (char position : positions) {
      counts[position]++;
    }
    return counts;
  }

  private static char position(List<NodeId> storage, NodeId node) {
    int position = Collections.binarySearch(storage, node);
    if (position < 0) {
      throw new GarageException.InvalidInput("node " + node.shortHex() + " is no storage node");
    }
    return (char) position;
  }

  private Slots check(int storageCount) {
    for (int i = 0; i < positions.length; i++) {
      boolean ascending = i % copies == 0 || positions[i - 1] < positions[i];
      if (!ascending || positions[i] >= storageCount) {
        throw new GarageException.InvalidInput(
            "the nodes of partition %d are not %d distinct storage nodes"
                .formatted(i / copies, copies));
      }
    }
    return this;
  }
}
