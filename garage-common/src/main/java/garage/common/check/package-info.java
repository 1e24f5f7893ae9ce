/** Assertions that stay on in production. */
@NullMarked
package garage.common.check;

import org.jspecify.annotations.NullMarked;
