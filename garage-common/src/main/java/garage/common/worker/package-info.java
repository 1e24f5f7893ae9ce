/** Background work: one shape for all of it, so that the operator can see and steer it. */
@NullMarked
package garage.common.worker;

import org.jspecify.annotations.NullMarked;
