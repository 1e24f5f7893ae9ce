/**
 * Replicas made equal: digests of what each holds, the walk to where they differ, and the exchange
 * of those rows. {@code docs/design/convergence.md} says why it ends.
 */
@NullMarked
package garage.table.sync;

import org.jspecify.annotations.NullMarked;
