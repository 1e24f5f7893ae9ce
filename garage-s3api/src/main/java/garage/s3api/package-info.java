/** The S3 API over HTTP. */
@NullMarked
package garage.s3api;

import org.jspecify.annotations.NullMarked;
