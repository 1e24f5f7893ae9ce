package garage.common.crdt;

import garage.common.codec.Codec;
import garage.common.time.Timestamp;
import java.util.Map;
import java.util.Optional;

/**
 * A map whose every key has its own last writer. A key is never forgotten: to take one away, write
 * a value that says so.
 *
 * @param entries in the order of the keys, whatever order they were given in
 */
public record LwwMap<K extends Comparable<? super K>, V>(Map<K, Lww<V>> entries)
    implements Crdt<LwwMap<K, V>> {
  public LwwMap {
    entries = SortedEntries.copyOf(entries);
  }

  /** A map without keys. */
  public static <K extends Comparable<? super K>, V> LwwMap<K, V> empty() {
    return new LwwMap<K, V>(Map.of());
  }

  /** The entries in the order of their keys. */
  public static <K extends Comparable<? super K>, V> Codec<LwwMap<K, V>> codec(
      Codec<K> key, Codec<V> value) {
    return SortedEntries.codec(key, Lww.codec(value), LwwMap::entries, LwwMap::new);
  }

  /** The last value written for {@code key}. */
  public Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key)).map(Lww::value);
  }

  /** This with {@code value} written for {@code key} at {@code at}, if that is the last writing. */
  public LwwMap<K, V> put(K key, Timestamp at, V value) {
    return new LwwMap<>(SortedEntries.with(entries, key, Lww.of(at, value)));
  }

  @Override
  public LwwMap<K, V> merge(LwwMap<K, V> other) {
    return new LwwMap<>(SortedEntries.merge(entries, other.entries));
  }
}
