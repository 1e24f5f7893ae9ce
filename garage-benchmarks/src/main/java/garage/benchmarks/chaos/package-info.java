/** Faults on a cluster of real processes under load, and what became of what was stored in it. */
@NullMarked
package garage.benchmarks.chaos;

import org.jspecify.annotations.NullMarked;
