/** What clients do in a simulation, drawn from its seed, and what they saw. */
@NullMarked
package garage.simulator.workload;

import org.jspecify.annotations.NullMarked;
