/** What the nodes of a cluster agree on: who is there, in what state, and which layout counts. */
@NullMarked
package garage.rpc.membership;

import org.jspecify.annotations.NullMarked;
