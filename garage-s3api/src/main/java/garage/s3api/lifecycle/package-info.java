/** What clients are told of the lifecycle of objects. */
@NullMarked
package garage.s3api.lifecycle;

import org.jspecify.annotations.NullMarked;
