package garage.rpc.membership;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.layout.LayoutDigest;
import garage.layout.LayoutHistory;
import garage.rpc.Endpoint;
import java.util.List;

/** A node's state, the layout it knows, and how far it is with it. */
record StatusMessage(NodeStatus status, LayoutDigest layout, List<PartReport> parts) {
  private static final VersionedCodec<StatusMessage> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, m) ->
                  out.value(m.status, NodeStatus.CODEC)
                      .value(m.layout, LayoutDigest.CODEC)
                      .list(m.parts, PartReport.CODEC),
              in ->
                  new StatusMessage(
                      in.value(NodeStatus.CODEC),
                      in.value(LayoutDigest.CODEC),
                      in.list(PartReport.CODEC))));

  StatusMessage {
    parts = List.copyOf(parts);
  }

  /** Answered with the other node's own. */
  static final Endpoint<StatusMessage, StatusMessage> ENDPOINT =
      new Endpoint<>("cluster/status", CODEC, CODEC);

  /** The caller's layout against everything the answering node knows, the caller's included. */
  static final Endpoint<LayoutHistory, LayoutHistory> LAYOUT =
      new Endpoint<>("cluster/layout", LayoutHistory.CODEC, LayoutHistory.CODEC);
}
