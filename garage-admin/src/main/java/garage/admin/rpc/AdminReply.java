package garage.admin.rpc;

import garage.common.codec.Codec;

/** An answer as it travels: the HTTP status it has there, and its JSON. */
record AdminReply(int status, String json) {
  static final Codec<AdminReply> CODEC =
      Codec.of(
          (out, reply) -> out.varint(reply.status).string(reply.json),
          in -> new AdminReply(in.varint32(), in.string()));
}
