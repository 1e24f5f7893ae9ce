/** Buckets and their names, on nodes in memory. */
@NullMarked
package garage.model.bucket;

import org.jspecify.annotations.NullMarked;
