package garage.rpc.peering;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.id.NodeId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks one {@link PeerSource} for ever, more often while it has not answered. */
final class SourceRounds {
  private static final Logger LOG = LoggerFactory.getLogger(SourceRounds.class);

  private final PeerSource source;
  private final NodeId self;
  private final RpcSettings settings;
  private final Links links;
  private final Clock clock;
  private boolean failed;

  SourceRounds(PeerSource source, NodeId self, RpcSettings settings, Links links, Clock clock) {
    this.source = source;
    this.self = self;
    this.settings = settings;
    this.links = links;
    this.clock = clock;
  }

  void run() {
    if (settings.publicAddress() == null) {
      LOG.warn("{} is not told of this node: rpc_public_addr is not set", source.name());
    }
    while (true) {
      boolean done = round();
      clock.sleep(done ? MeshLimits.SOURCE_EVERY : MeshLimits.SOURCE_RETRY);
    }
  }

  /** Announces and looks up; answers whether both succeeded. */
  private boolean round() {
    try {
      Deadline deadline = Deadline.after(clock, MeshLimits.SOURCE_TIME_MAX);
      @Nullable Address address = settings.publicAddress();
      if (address != null) {
        source.announce(self, address, settings.hostname(), deadline);
      }
      List<PeerAddress> found = source.peers(deadline);
      links.found(found.subList(0, Math.min(found.size(), MeshLimits.PEERS_MAX)));
      failed = false;
      return true;
    } catch (GarageException.Cancelled e) {
      throw e;
    } catch (GarageException e) {
      if (!failed) {
        LOG.warn("{} does not help to find peers; trying again: {}", source.name(), e.getMessage());
      }
      failed = true;
      return false;
    }
  }
}
