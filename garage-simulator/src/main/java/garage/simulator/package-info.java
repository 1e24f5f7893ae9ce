/** Whole clusters of production nodes under simulated faults, checked by machines. */
@NullMarked
package garage.simulator;

import org.jspecify.annotations.NullMarked;
