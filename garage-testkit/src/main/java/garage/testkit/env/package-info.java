/** The deterministic twins of the seams: scheduler, clock, tasks, randomness, disk and network. */
@NullMarked
package garage.testkit.env;

import org.jspecify.annotations.NullMarked;
