/** Hybrid logical time: the order of all writes. */
@NullMarked
package garage.common.time;

import org.jspecify.annotations.NullMarked;
