/** Connects the command line to this machine's node. */
@NullMarked
package garage.server.command;

import org.jspecify.annotations.NullMarked;
