/** Digests and checksums, and the arithmetic that joins the checksums of parts. */
@NullMarked
package garage.common.hash;

import org.jspecify.annotations.NullMarked;
