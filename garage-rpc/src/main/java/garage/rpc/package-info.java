/** Calls between nodes: endpoints, the peer mesh, and calls to several replicas at once. */
@NullMarked
package garage.rpc;

import org.jspecify.annotations.NullMarked;
