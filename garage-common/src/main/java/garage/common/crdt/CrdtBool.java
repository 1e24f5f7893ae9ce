package garage.common.crdt;

import garage.common.codec.Codec;

/** A flag that, once raised on any replica, stays raised. */
public record CrdtBool(boolean value) implements Crdt<CrdtBool> {
  public static final CrdtBool FALSE = new CrdtBool(false);
  public static final CrdtBool TRUE = new CrdtBool(true);
  public static final Codec<CrdtBool> CODEC =
      Codec.of((out, flag) -> out.bool(flag.value), in -> in.bool() ? TRUE : FALSE);

  @Override
  public CrdtBool merge(CrdtBool other) {
    return value ? this : other;
  }
}
