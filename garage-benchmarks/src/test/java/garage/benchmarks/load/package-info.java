/** Tests of the load generator. */
@NullMarked
package garage.benchmarks.load;

import org.jspecify.annotations.NullMarked;
