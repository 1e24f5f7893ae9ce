/** Bugs planted into the production code, to see that the simulator finds them. */
@NullMarked
package garage.simulator.planted;

import org.jspecify.annotations.NullMarked;
