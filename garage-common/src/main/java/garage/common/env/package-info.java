/** The seams to everything non-deterministic: clock, tasks, disk, network and randomness. */
@NullMarked
package garage.common.env;

import org.jspecify.annotations.NullMarked;
