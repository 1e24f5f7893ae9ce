/** The commands that ask a running node. */
@NullMarked
package garage.cli;

import org.jspecify.annotations.NullMarked;
