/** Objects: storing, reading, copying and deleting them. */
@NullMarked
package garage.s3api.object;

import org.jspecify.annotations.NullMarked;
