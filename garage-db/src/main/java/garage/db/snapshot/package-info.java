/** Copies of a node's metadata at one moment, to go back to. */
@NullMarked
package garage.db.snapshot;

import org.jspecify.annotations.NullMarked;
