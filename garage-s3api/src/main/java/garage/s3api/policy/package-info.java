/** Bucket policies: their language, and what they decide. */
@NullMarked
package garage.s3api.policy;

import org.jspecify.annotations.NullMarked;
