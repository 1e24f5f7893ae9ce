package garage.admin.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers about which node stores what. */
public sealed interface LayoutResponse extends AdminResponse {
  /**
   * A layout version and what is staged on top of it.
   *
   * @param partitionSize in bytes
   */
  record Layout(
      long version,
      List<NodeRole> roles,
      LayoutParameters parameters,
      long partitionSize,
      List<RoleChange> stagedRoleChanges,
      @Nullable LayoutParameters stagedParameters)
      implements LayoutResponse {
    public Layout {
      roles = List.copyOf(roles);
      stagedRoleChanges = List.copyOf(stagedRoleChanges);
    }

    /** Whether anything is staged. */
    public boolean hasStaged() {
      return !stagedRoleChanges.isEmpty() || stagedParameters != null;
    }
  }

  /**
   * A node's role and what the assignment makes of it.
   *
   * @param capacity in bytes; null for a gateway
   * @param usableCapacity what the assignment can fill, in bytes; null for a gateway
   */
  record NodeRole(
      String id,
      String zone,
      List<String> tags,
      @Nullable Long capacity,
      @Nullable Long storedPartitions,
      @Nullable Long usableCapacity) {
    public NodeRole {
      tags = List.copyOf(tags);
    }
  }

  /**
   * The versions, the newest first.
   *
   * @param updateTrackers always null: nodes do not move on apart here, the cluster does, by phases
   * @param progress how far the phase has come; null if the current version is in force
   * @param departed nodes of an older version that have no role any more, where this node has heard
   *     of them since the last change ended
   * @param phase {@code COPY} or {@code JOINT} while the current version is being reached, which is
   *     between the copying of data and the point where the older one stops to count; null when it
   *     is in force
   */
  record History(
      long currentVersion,
      long minAck,
      List<Version> versions,
      @Nullable Map<String, Trackers> updateTrackers,
      @Nullable String phase,
      @Nullable Progress progress,
      List<Departed> departed)
      implements LayoutResponse {
    public History {
      versions = List.copyOf(versions);
      departed = List.copyOf(departed);
    }
  }

  /**
   * How far a phase of a change has come.
   *
   * @param partitionsReady of which enough new nodes have what the next phase needs
   * @param secondsLeft an estimate for this phase; null if there is none
   * @param waitingFor nodes that have not got everything yet; not all of them are needed
   * @param silent nodes that said nothing of this phase: down, most likely
   */
  record Progress(
      long partitions,
      long partitionsReady,
      @Nullable Long secondsLeft,
      List<Part> parts,
      List<String> waitingFor,
      List<String> silent) {
    public Progress {
      parts = List.copyOf(parts);
      waitingFor = List.copyOf(waitingFor);
      silent = List.copyOf(silent);
    }
  }

  /** One kind of thing that is brought to the new nodes: how much was, and how much is to be. */
  record Part(String name, long done, long remaining) {}

  /**
   * A node that has left the layout.
   *
   * @param partitions of which it still holds something
   * @param mayBeSwitchedOff whether nothing is kept on it any more
   */
  record Departed(String id, long partitions, boolean mayBeSwitchedOff) {}

  /** A version; {@code status} is {@code Current}, {@code Draining} or {@code Historical}. */
  record Version(long version, String status, long storageNodes, long gatewayNodes) {}

  /** The versions a node has acknowledged, and has synchronised. */
  record Trackers(long ack, long sync, long syncAck) {}

  /** Either {@code error}, or the report and the layout. */
  record Preview(@Nullable String error, @Nullable List<String> message, @Nullable Layout newLayout)
      implements LayoutResponse {}

  /** The report of the assignment and the new current layout. */
  record Applied(List<String> message, Layout layout) implements LayoutResponse {
    public Applied {
      message = List.copyOf(message);
    }
  }
}
