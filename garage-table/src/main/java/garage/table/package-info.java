/**
 * Replicated tables of CRDT rows: local rows with triggers in one batch, writes to a quorum of
 * every set of replicas that counts, reads from a quorum, merged.
 */
@NullMarked
package garage.table;

import org.jspecify.annotations.NullMarked;
