/** The node: the one place where all modules are put together. */
@NullMarked
package garage.server;

import org.jspecify.annotations.NullMarked;
