package garage.common.crdt;

import garage.common.codec.Codec;
import garage.common.time.Timestamp;
import java.util.Objects;

/**
 * A value that is replaced as a whole: the last writer, by timestamp, wins.
 *
 * <p>Timestamps are unique over the cluster, so two different values never share one unless a node
 * was restored from a copy of another. Even then replicas must agree: the value whose text is
 * greater wins. {@code V} therefore needs an {@code equals} by content and a {@code toString} that
 * tells unequal values apart, as records, strings, numbers, enums and lists of them have (and
 * arrays do not).
 */
public record Lww<V>(Timestamp at, V value) implements Crdt<Lww<V>> {
  public Lww {
    Objects.requireNonNull(at);
    Objects.requireNonNull(value);
  }

  /** The value written at {@code at}. */
  public static <V> Lww<V> of(Timestamp at, V value) {
    return new Lww<>(at, value);
  }

  /** The timestamp, then the value. */
  public static <V> Codec<Lww<V>> codec(Codec<V> value) {
    return Codec.of(
        (out, lww) -> out.value(lww.at, Timestamp.CODEC).value(lww.value, value),
        in -> new Lww<>(in.value(Timestamp.CODEC), in.value(value)));
  }

  /** This with {@code newValue} written at {@code newAt}; unchanged if that is not later. */
  public Lww<V> with(Timestamp newAt, V newValue) {
    return merge(new Lww<>(newAt, newValue));
  }

  @Override
  public Lww<V> merge(Lww<V> other) {
    int order = at.compareTo(other.at);
    if (order == 0 && !value.equals(other.value)) {
      order = value.toString().compareTo(other.value.toString());
    }
    return order >= 0 ? this : other;
  }
}
