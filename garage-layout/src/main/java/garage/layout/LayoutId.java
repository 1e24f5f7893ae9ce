package garage.layout;

import garage.common.codec.Codec;
import garage.common.id.Hash;

/**
 * The identity of a layout version. Two versions with one number and different contents come from
 * nodes that applied changes apart; they must never be taken for each other.
 */
public record LayoutId(long number, Hash content) {
  public static final Codec<LayoutId> CODEC =
      Codec.of(
          (out, id) -> out.varint(id.number).value(id.content, Codec.HASH),
          in -> new LayoutId(in.varint(), in.value(Codec.HASH)));

  @Override
  public String toString() {
    return "#" + number + "/" + content.shortHex();
  }
}
