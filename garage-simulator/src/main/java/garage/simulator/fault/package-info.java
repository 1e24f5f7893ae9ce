/** What goes wrong in a simulation, drawn from its seed within a budget. */
@NullMarked
package garage.simulator.fault;

import org.jspecify.annotations.NullMarked;
