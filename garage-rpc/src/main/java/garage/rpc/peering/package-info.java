/** The mesh: finding peers, staying connected with them, noticing their failure, calling them. */
@NullMarked
package garage.rpc.peering;

import org.jspecify.annotations.NullMarked;
