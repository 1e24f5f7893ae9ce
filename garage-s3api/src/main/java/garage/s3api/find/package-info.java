/** Finding the object a request means: the present one, or a version. */
@NullMarked
package garage.s3api.find;

import org.jspecify.annotations.NullMarked;
