/** Values that replicas may change apart and merge in any order; immutable, without a clock. */
@NullMarked
package garage.common.crdt;

import org.jspecify.annotations.NullMarked;
