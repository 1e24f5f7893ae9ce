/** Objects encrypted with keys their clients keep (SSE-C). */
@NullMarked
package garage.s3api.encryption;

import org.jspecify.annotations.NullMarked;
