/** The bytes clients send, and whether they are what was said of them. */
@NullMarked
package garage.s3api.body;

import org.jspecify.annotations.NullMarked;
