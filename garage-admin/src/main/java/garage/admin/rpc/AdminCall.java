package garage.admin.rpc;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import garage.rpc.Endpoint;

/** A request as it travels: the endpoint's name, and its fields as JSON. */
record AdminCall(String endpoint, String json) {
  static final Codec<AdminCall> CODEC =
      Codec.of(
          (out, call) -> out.string(call.endpoint).string(call.json),
          in -> new AdminCall(in.string(), in.string()));

  static final Endpoint<AdminCall, AdminReply> ENDPOINT =
      new Endpoint<>(
          "admin/call", VersionedCodec.first(CODEC), VersionedCodec.first(AdminReply.CODEC));
}
