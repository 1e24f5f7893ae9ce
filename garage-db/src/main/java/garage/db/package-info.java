/** Ordered key-value trees with atomic, durable batches: the seam to the metadata store. */
@NullMarked
package garage.db;

import org.jspecify.annotations.NullMarked;
