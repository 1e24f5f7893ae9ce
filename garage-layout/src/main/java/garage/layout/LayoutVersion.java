package garage.layout;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.ByteSize;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One layout: the role of every node and the nodes of every partition. It never changes; a change
 * of layout is a new version. Two versions are equal if and only if number and content are.
 *
 * <p>Version 0 is the cluster without a layout: no roles, and no nodes for any partition.
 */
public final class LayoutVersion {
  private static final Codec<Map.Entry<NodeId, NodeRole>> ROLE =
      Codec.of(
          (out, e) -> out.value(e.getKey(), Codec.NODE_ID).value(e.getValue(), NodeRole.CODEC),
          in -> Map.entry(in.value(Codec.NODE_ID), in.value(NodeRole.CODEC)));

  public static final VersionedCodec<LayoutVersion> CODEC =
      VersionedCodec.first(
          UntrustedCodec.of(Codec.of((out, v) -> v.write(out), LayoutVersion::read)));

  private final long number;
  private final SortedMap<NodeId, NodeRole> roles;
  private final LayoutParameters parameters;
  private final ByteSize partitionSize;
  private final List<NodeId> nodes;
  private final List<NodeId> storage;
  private final @Nullable Slots slots;
  private final List<ReplicaSet> replicaSets;
  private final int[] partitionCounts;
  private final Hash contentHash;

  private LayoutVersion(
      long number,
      SortedMap<NodeId, NodeRole> roles,
      LayoutParameters parameters,
      ByteSize partitionSize,
      @Nullable Slots slots) {
    this.number = number;
    this.roles = Collections.unmodifiableSortedMap(roles);
    this.parameters = parameters;
    this.partitionSize = partitionSize;
    this.nodes = List.copyOf(roles.keySet());
    this.storage = storageOf(roles);
    this.slots = slots;
    this.replicaSets =
        slots == null
            ? List.of()
            : Partition.all().stream()
                .map(p -> slots.nodesOf(p.number(), storage))
                .map(nodes -> new ReplicaSet(nodes, parameters.replication()))
                .toList();
    this.partitionCounts = slots == null ? new int[storage.size()] : slots.counts(storage.size());
    this.contentHash = Digests.sha256(CODEC.encode(this));
  }

  /** Version 0: a cluster that has no layout yet. */
  public static LayoutVersion none(ReplicationFactor replication) {
    return new LayoutVersion(
        0, new TreeMap<>(), LayoutParameters.defaults(replication), new ByteSize(0), null);
  }

  /**
   * A version with an assignment.
   *
   * @param partitionSize the space each copy of a partition may fill on its node
   * @param replicas for each partition, in order, its nodes: distinct, with a storage role, and as
   *     many as the replication factor says
   */
  public static LayoutVersion of(
      long number,
      Map<NodeId, NodeRole> roles,
      LayoutParameters parameters,
      ByteSize partitionSize,
      List<? extends Collection<NodeId>> replicas) {
    Invariant.check(number > 0, "version 0 has no assignment", number);
    TreeMap<NodeId, NodeRole> sorted = new TreeMap<>(roles);
    Slots slots = Slots.of(parameters.replication().copies(), storageOf(sorted), replicas);
    return new LayoutVersion(number, sorted, parameters, partitionSize, slots);
  }

  /** The number; each version applied has the next. */
  public long number() {
    return number;
  }

  /** The SHA-256 of the encoded form. */
  public Hash contentHash() {
    return contentHash;
  }

  /** Number and content hash: what peers compare. */
  public LayoutId id() {
    return new LayoutId(number, contentHash);
  }

  /** The role of every node, in the order of their ids. */
  public SortedMap<NodeId, NodeRole> roles() {
    return roles;
  }

  /** The role of {@code node}, if it has one. */
  public Optional<NodeRole> role(NodeId node) {
    return Optional.ofNullable(roles.get(node));
  }

  public LayoutParameters parameters() {
    return parameters;
  }

  public ReplicationFactor replication() {
    return parameters.replication();
  }

  /** The space a copy of a partition may fill; with it the capacity of every node is kept. */
  public ByteSize partitionSize() {
    return partitionSize;
  }

  /** Whether partitions have nodes: true of every version but 0. */
  public boolean isAssigned() {
    return slots != null;
  }

  /** Every node with a role, in the order of their ids. */
  public List<NodeId> nodes() {
    return nodes;
  }

  /** The nodes with a capacity, in the order of their ids. */
  public List<NodeId> storageNodes() {
    return storage;
  }

  /** The nodes without a capacity, in the order of their ids. */
  public List<NodeId> gatewayNodes() {
    return roles.keySet().stream().filter(node -> !isStorage(node)).toList();
  }

  /** The zones that have a storage node: gateways do not make a zone one that can keep data. */
  public SortedSet<Zone> storageZones() {
    TreeSet<Zone> zones = new TreeSet<>();
    roles.values().stream().filter(NodeRole::isStorage).map(NodeRole::zone).forEach(zones::add);
    return zones;
  }

  /** In how many zones each partition has a copy at least. */
  public int zonesRequired() {
    return parameters.zoneRedundancy().zonesRequired(storageZones().size(), replication());
  }

  /** The capacities of all storage nodes together. */
  public ByteSize totalCapacity() {
    return new ByteSize(roles.values().stream().mapToLong(NodeRole::capacityBytes).sum());
  }

  /** The nodes that keep {@code partition}, in the order of their ids; none in version 0. */
  public List<NodeId> nodesOf(Partition partition) {
    return replicaSets.isEmpty() ? List.of() : replicaSets.get(partition.number()).nodes();
  }

  /** The nodes that keep {@code partition} with their quorums; nothing in version 0. */
  public Optional<ReplicaSet> replicaSet(Partition partition) {
    return replicaSets.isEmpty()
        ? Optional.empty()
        : Optional.of(replicaSets.get(partition.number()));
  }

  /** Whether {@code node} keeps {@code partition}. */
  public boolean keeps(NodeId node, Partition partition) {
    return nodesOf(partition).contains(node);
  }

  /** The partitions {@code node} keeps, in order. */
  public List<Partition> partitionsOf(NodeId node) {
    return Partition.all().stream().filter(partition -> keeps(node, partition)).toList();
  }

  /** How many partitions {@code node} keeps. */
  public int partitionCount(NodeId node) {
    int position = Collections.binarySearch(storage, node);
    return position < 0 ? 0 : partitionCounts[position];
  }

  /** The part of {@code node}'s capacity that its partitions may fill. */
  public ByteSize usableCapacity(NodeId node) {
    return new ByteSize(partitionCount(node) * partitionSize.bytes());
  }

  /** The usable capacity of the whole cluster, each copy counted. */
  public ByteSize usableCapacity() {
    long copies = (long) Partition.COUNT * replication().copies();
    return new ByteSize(isAssigned() ? copies * partitionSize.bytes() : 0);
  }

  private boolean isStorage(NodeId node) {
    return Collections.binarySearch(storage, node) >= 0;
  }

  private void write(Writer out) {
    out.varint(number).list(roles.entrySet(), ROLE).value(parameters, LayoutParameters.CODEC);
    out.varint(partitionSize.bytes()).bool(slots != null);
    if (slots != null) {
      slots.write(out);
    }
  }

  private static LayoutVersion read(Reader in) {
    long number = in.varint();
    TreeMap<NodeId, NodeRole> roles = new TreeMap<>();
    for (Map.Entry<NodeId, NodeRole> role : in.list(ROLE)) {
      if (!roles.isEmpty() && roles.lastKey().compareTo(role.getKey()) >= 0) {
        throw new GarageException.Corrupt("the roles of a layout are out of order");
      }
      roles.put(role.getKey(), role.getValue());
    }
    LayoutParameters parameters = in.value(LayoutParameters.CODEC);
    ByteSize partitionSize = new ByteSize(in.varint());
    boolean assigned = in.bool();
    if (assigned != (number > 0) || (number == 0 && !roles.isEmpty())) {
      throw new GarageException.Corrupt("version 0, and only it, has no assignment");
    }
    int copies = parameters.replication().copies();
    Slots slots = assigned ? Slots.read(in, copies, storageOf(roles).size()) : null;
    return new LayoutVersion(number, roles, parameters, partitionSize, slots);
  }

  private static List<NodeId> storageOf(SortedMap<NodeId, NodeRole> roles) {
    List<NodeId> storage =
        roles.entrySet().stream()
            .filter(role -> role.getValue().isStorage())
            .map(Map.Entry::getKey)
            .toList();
    if (storage.size() > Slots.NODES_MAX) {
      throw new GarageException.InvalidInput(
          "a layout has at most " + Slots.NODES_MAX + " storage nodes");
    }
    return storage;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayoutVersion version && contentHash.equals(version.contentHash);
  }

  @Override
  public int hashCode() {
    return contentHash.hashCode();
  }

  @Override
  public String toString() {
    return "LayoutVersion" + id();
  }
}
