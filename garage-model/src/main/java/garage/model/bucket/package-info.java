/** Buckets: their rows, names and permissions. */
@NullMarked
package garage.model.bucket;

import org.jspecify.annotations.NullMarked;
