package garage.common.crdt;

/**
 * A value that replicas change independently and bring together by merging. An instance never
 * changes; {@link #merge} gives the least value that contains both. For all a, b and c of a type:
 *
 * <ul>
 *   <li>commutative: {@code a.merge(b).equals(b.merge(a))}
 *   <li>associative: {@code a.merge(b).merge(c).equals(a.merge(b.merge(c)))}
 *   <li>idempotent: {@code a.merge(a).equals(a)}
 *   <li>absorbing: {@code a.merge(b).merge(b).equals(a.merge(b))}
 * </ul>
 *
 * <p>Hence replicas that have received the same changes, in any order and any number of times, hold
 * equal values. The encoded form is canonical: equal values have equal bytes.
 *
 * @see <a href="https://hal.inria.fr/inria-00555588">Shapiro et al., A comprehensive study of
 *     Convergent and Commutative Replicated Data Types (2011)</a>
 */
public interface Crdt<T extends Crdt<T>> {
  /** The least value that contains this and {@code other}. */
  T merge(T other);
}
