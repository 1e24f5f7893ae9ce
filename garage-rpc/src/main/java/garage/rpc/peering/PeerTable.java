package garage.rpc.peering;

import garage.common.codec.Codec;
import garage.common.codec.Writer;
import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Disk;
import garage.common.error.GarageException;
import garage.common.hash.Digests;
import garage.common.id.Hash;
import garage.common.id.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every peer this node knows, and the file that keeps them over a restart. */
final class PeerTable {
  static final String FILE = "peer_list";
  private static final Logger LOG = LoggerFactory.getLogger(PeerTable.class);

  private final NodeId self;
  private final Disk disk;
  private final Clock clock;
  private final ConcurrentSkipListMap<NodeId, Peer> peers = new ConcurrentSkipListMap<>();
  private final AtomicBoolean changed = new AtomicBoolean();
  private volatile @Nullable Hash digest;
  private volatile long savedMillis;

  PeerTable(NodeId self, Disk disk, Clock clock) {
    this.self = self;
    this.disk = disk;
    this.clock = clock;
  }

  boolean isSelf(NodeId id) {
    return id.equals(self);
  }

  /** The peer {@code id}; null if it is not known. */
  @Nullable Peer find(NodeId id) {
    return peers.get(id);
  }

  /** All peers, in the order of their ids. */
  Collection<Peer> all() {
    return Collections.unmodifiableCollection(peers.values());
  }

  /**
   * The peer {@code id}, known from now on.
   *
   * @throws GarageException.Overloaded if there are too many
   */
  Peer getOrAdd(NodeId id) {
    Peer known = peers.get(id);
    if (known != null) {
      return known;
    }
    if (peers.size() >= MeshLimits.PEERS_MAX) {
      throw new GarageException.Overloaded("more than " + MeshLimits.PEERS_MAX + " peers");
    }
    Peer fresh = new Peer(id, clock);
    Peer raced = peers.putIfAbsent(id, fresh);
    changed();
    return raced == null ? fresh : raced;
  }

  /** Something worth keeping has changed. */
  void changed() {
    digest = null;
    changed.set(true);
  }

  /** What peers are told: everyone who was connected to anybody not long ago. */
  List<KnownPeer> told(long nowMillis) {
    return peers.values().stream()
        .map(Peer::known)
        .filter(peer -> isFresh(peer, nowMillis))
        .toList();
  }

  /** The same on all nodes that know the same nodes, this one included. */
  Hash digest(long nowMillis) {
    Hash known = digest;
    if (known != null) {
      return known;
    }
    List<NodeId> ids = new ArrayList<>(told(nowMillis).stream().map(KnownPeer::id).toList());
    ids.add(self);
    ids.sort(Comparator.naturalOrder());
    Hash fresh = Digests.sha256(new Writer().list(ids, Codec.NODE_ID).toBytes());
    digest = fresh;
    return fresh;
  }

  /** Takes in what another node knows. */
  void merge(List<KnownPeer> theirs, long nowMillis, long nowNanos) {
    for (KnownPeer said : theirs) {
      boolean isNews = peers.get(said.id()) == null;
      if (said.id().equals(self)
          || !isFresh(said, nowMillis)
          || (isNews && peers.size() >= MeshLimits.PEERS_MAX)) {
        continue;
      }
      Peer peer = getOrAdd(said.id());
      if (peer.caller() != null) {
        continue; // this node knows better
      }
      boolean newer = said.lastSeenMillis() > peer.known().lastSeenMillis();
      peer.heardAt(Math.min(said.lastSeenMillis(), nowMillis));
      for (Address address : newer ? said.addresses().reversed() : said.addresses()) {
        isNews |= newer ? peer.preferAddress(address) : peer.addAddress(address);
      }
      if (isNews) {
        peer.dialSoon(nowNanos);
        changed();
      }
    }
  }

  /** Drops peers that nobody has seen for long. */
  void forgetOld(long nowMillis) {
    for (Peer peer : peers.values()) {
      KnownPeer known = peer.known();
      boolean gone = known.lastSeenMillis() > 0 && !isFresh(known, nowMillis);
      if (gone && peer.caller() == null && peer.inbound().isEmpty()) {
        peers.remove(peer.id);
        changed();
      }
    }
  }

  /** Reads the file, if there is one; a damaged one is of no harm. */
  void load(long nowMillis, long nowNanos) {
    if (!disk.exists(FILE)) {
      return;
    }
    try {
      List<KnownPeer> kept = KnownPeer.LIST.decode(disk.readAll(FILE));
      long oldest = nowMillis - MeshLimits.FORGET_AFTER.minus(MeshLimits.RECALL_TIME).toMillis();
      merge(kept.stream().map(peer -> peer.seenSince(oldest)).toList(), nowMillis, nowNanos);
    } catch (GarageException.Corrupt e) {
      LOG.warn("{} is damaged and ignored: {}", FILE, e.getMessage());
    }
  }

  /** Writes the file, if something has changed or nothing was written for long. */
  void save(long nowMillis) {
    boolean due = nowMillis - savedMillis > MeshLimits.SAVE_AT_LEAST_EVERY.toMillis();
    if (!changed.getAndSet(false) && !due) {
      return;
    }
    savedMillis = nowMillis;
    try {
      disk.replace(FILE, KnownPeer.LIST.encode(told(nowMillis)));
    } catch (GarageException.StorageFailed | GarageException.StorageFull e) {
      changed.set(true);
      LOG.warn("Cannot keep the list of peers: {}", e.getMessage());
    }
  }

  private static boolean isFresh(KnownPeer peer, long nowMillis) {
    return peer.lastSeenMillis() > nowMillis - MeshLimits.FORGET_AFTER.toMillis()
        && peer.lastSeenMillis() > 0;
  }
}
