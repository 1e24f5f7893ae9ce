/** The process around a node: arguments, environment, signals, exit codes. */
@NullMarked
package garage.server.process;

import org.jspecify.annotations.NullMarked;
