package garage.common.crdt;

import garage.common.codec.Codec;
import garage.common.error.GarageException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What the map types share: immutable entries in the order of their keys. */
final class SortedEntries {
  private SortedEntries() {}

  /** An immutable copy in natural order, whatever the order of {@code entries} is. */
  static <K extends Comparable<? super K>, V> Map<K, V> copyOf(Map<K, V> entries) {
    TreeMap<K, V> copy = new TreeMap<>();
    copy.putAll(entries);
    return Collections.unmodifiableMap(copy);
  }

  /** {@code entries} with {@code value} merged into the one of {@code key}. */
  static <K extends Comparable<? super K>, V extends Crdt<V>> Map<K, V> with(
      Map<K, V> entries, K key, V value) {
    TreeMap<K, V> merged = new TreeMap<>(entries);
    merged.merge(key, value, Crdt::merge);
    return merged;
  }

  /** Every key of either, with the merged value where both have one. */
  static <K extends Comparable<? super K>, V extends Crdt<V>> Map<K, V> merge(
      Map<K, V> left, Map<K, V> right) {
    TreeMap<K, V> merged = new TreeMap<>(left);
    right.forEach((key, value) -> merged.merge(key, value, Crdt::merge));
    return merged;
  }

  /** The count, then each key and value, in order; another order is refused when read. */
  static <K extends Comparable<? super K>, V, M> Codec<M> codec(
      Codec<K> key, Codec<V> value, Function<M, Map<K, V>> entries, Function<Map<K, V>, M> of) {
    Codec<Map.Entry<K, V>> entry =
        Codec.of(
            (out, e) -> out.value(e.getKey(), key).value(e.getValue(), value),
            in -> Map.entry(in.value(key), in.value(value)));
    return Codec.of(
        (out, map) -> out.list(entries.apply(map).entrySet(), entry),
        in -> {
          TreeMap<K, V> read = new TreeMap<>();
          for (Map.Entry<K, V> e : in.list(entry)) {
            if (!read.isEmpty() && read.lastKey().compareTo(e.getKey()) >= 0) {
              throw new GarageException.Corrupt("the keys of a map are out of order");
            }
            read.put(e.getKey(), e.getValue());
          }
          return of.apply(read);
        });
  }
}
