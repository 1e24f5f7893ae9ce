/** Counts and durations of what happens, as monitoring reads them. */
@NullMarked
package garage.common.metrics;

import org.jspecify.annotations.NullMarked;
