package garage.common.crdt;

import garage.common.codec.Codec;
import java.util.Map;
import java.util.Optional;

/**
 * A map of mergeable values. A key is never forgotten: its value may say that it is deleted.
 *
 * @param entries in the order of the keys, whatever order they were given in
 */
public record CrdtMap<K extends Comparable<? super K>, V extends Crdt<V>>(Map<K, V> entries)
    implements Crdt<CrdtMap<K, V>> {
  public CrdtMap {
    entries = SortedEntries.copyOf(entries);
  }

  /** A map without keys. */
  public static <K extends Comparable<? super K>, V extends Crdt<V>> CrdtMap<K, V> empty() {
    return new CrdtMap<K, V>(Map.of());
  }

  /** A map of one key. */
  public static <K extends Comparable<? super K>, V extends Crdt<V>> CrdtMap<K, V> of(
      K key, V value) {
    return new CrdtMap<>(Map.of(key, value));
  }

  /** The entries in the order of their keys. */
  public static <K extends Comparable<? super K>, V extends Crdt<V>> Codec<CrdtMap<K, V>> codec(
      Codec<K> key, Codec<V> value) {
    return SortedEntries.codec(key, value, CrdtMap::entries, CrdtMap::new);
  }

  /** The value of {@code key}. */
  public Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  /** This with {@code value} merged into the value of {@code key}. */
  public CrdtMap<K, V> put(K key, V value) {
    return new CrdtMap<>(SortedEntries.with(entries, key, value));
  }

  @Override
  public CrdtMap<K, V> merge(CrdtMap<K, V> other) {
    return new CrdtMap<>(SortedEntries.merge(entries, other.entries));
  }
}
