/** What must hold of every history and of every cluster that was left in peace. */
@NullMarked
package garage.simulator.check;

import org.jspecify.annotations.NullMarked;
