/** Buckets: making, finding, listing and deleting them. */
@NullMarked
package garage.s3api.bucket;

import org.jspecify.annotations.NullMarked;
