/** The HTTP/1.1 server: Netty moves the bytes, a virtual thread serves each request. */
@NullMarked
package garage.http.netty;

import org.jspecify.annotations.NullMarked;
