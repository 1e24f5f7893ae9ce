/** Listing: pages over ordered keys as pure functions, and the handlers that serve them. */
@NullMarked
package garage.s3api.list;

import org.jspecify.annotations.NullMarked;
