/** Calls as frames on a connection: chunks by priority, credit, cancellation. No I/O of its own. */
@NullMarked
package garage.rpc.wire;

import org.jspecify.annotations.NullMarked;
