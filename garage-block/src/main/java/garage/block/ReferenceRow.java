package garage.block;

import garage.common.codec.Codec;
import garage.common.id.Hash;
import garage.common.id.Uuid;

/** A reference and what is known of it, as it is sent. */
record ReferenceRow(BlockReference reference, ReferenceState state) {
  static final Codec<ReferenceRow> CODEC =
      Codec.of(
          (out, v) ->
              out.bytes32(v.reference.hash().value())
                  .bytes32(v.reference.dataId().value())
                  .u8(v.state.code()),
          in ->
              new ReferenceRow(
                  new BlockReference(new Hash(in.bytes32()), new Uuid(in.bytes32())),
                  ReferenceState.ofCode(in.u8())));
}
