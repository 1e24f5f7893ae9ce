/** Identifiers and quantities: immutable values with one textual form each. */
@NullMarked
package garage.common.id;

import org.jspecify.annotations.NullMarked;
