/** Buckets and their names, on nodes in memory. */
@NullMarked
package garage.model.token;

import org.jspecify.annotations.NullMarked;
