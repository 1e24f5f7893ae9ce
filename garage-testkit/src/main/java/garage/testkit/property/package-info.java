/** Property-based tests: seeds that can be replayed, generators, and the laws of CRDTs. */
@NullMarked
package garage.testkit.property;

import org.jspecify.annotations.NullMarked;
