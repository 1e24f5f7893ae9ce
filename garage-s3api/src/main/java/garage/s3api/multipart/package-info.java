/** Multipart uploads: beginning them, their parts, completing and aborting them. */
@NullMarked
package garage.s3api.multipart;

import org.jspecify.annotations.NullMarked;
