/** The production network: TLS 1.3 over Netty. The only package of this module that uses Netty. */
@NullMarked
package garage.rpc.netty;

import org.jspecify.annotations.NullMarked;
