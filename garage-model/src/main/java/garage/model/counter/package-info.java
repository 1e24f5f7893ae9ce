/** Counts per bucket, kept in the batches that change what they count. */
@NullMarked
package garage.model.counter;

import org.jspecify.annotations.NullMarked;
