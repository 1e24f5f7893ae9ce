/** The store in memory, for tests and the simulator: what is not synced is lost in a crash. */
@NullMarked
package garage.db.memory;

import org.jspecify.annotations.NullMarked;
