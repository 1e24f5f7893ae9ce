/** Machines that run production nodes in a simulation, and the cluster they make. */
@NullMarked
package garage.simulator.cluster;

import org.jspecify.annotations.NullMarked;
