/**
 * A client for the command line, on the JDK's own sockets: it loads few classes, because it runs
 * for a moment only.
 */
@NullMarked
package garage.rpc.jdk;

import org.jspecify.annotations.NullMarked;
