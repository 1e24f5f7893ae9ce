/** Every failure the S3 API answers with: one table of codes, one mapping from other failures. */
@NullMarked
package garage.s3api.error;

import org.jspecify.annotations.NullMarked;
