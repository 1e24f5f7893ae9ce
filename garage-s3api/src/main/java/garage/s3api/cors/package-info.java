/** Cross-origin resource sharing. */
@NullMarked
package garage.s3api.cors;

import org.jspecify.annotations.NullMarked;
