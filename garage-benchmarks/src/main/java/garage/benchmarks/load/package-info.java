/**
 * A load generator for a running server, with what the machine itself allows beside the figures.
 */
@NullMarked
package garage.benchmarks.load;

import org.jspecify.annotations.NullMarked;
