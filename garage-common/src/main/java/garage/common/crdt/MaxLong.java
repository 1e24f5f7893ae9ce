package garage.common.crdt;

import garage.common.codec.Codec;

/** A number that only grows. */
public record MaxLong(long value) implements Crdt<MaxLong> {
  public static final Codec<MaxLong> CODEC =
      Codec.of((out, max) -> out.i64(max.value), in -> new MaxLong(in.i64()));

  @Override
  public MaxLong merge(MaxLong other) {
    return value >= other.value ? this : other;
  }
}
