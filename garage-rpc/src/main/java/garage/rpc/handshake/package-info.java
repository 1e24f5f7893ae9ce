/** Who a node is, and the proof that both ends of a connection belong to one cluster. */
@NullMarked
package garage.rpc.handshake;

import org.jspecify.annotations.NullMarked;
