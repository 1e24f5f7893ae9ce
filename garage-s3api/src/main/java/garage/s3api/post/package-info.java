/** Uploads by HTML forms, with or without a signed policy. */
@NullMarked
package garage.s3api.post;

import org.jspecify.annotations.NullMarked;
