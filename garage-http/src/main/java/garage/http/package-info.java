/** Requests, responses and handlers: HTTP as the front ends see it, without a network. */
@NullMarked
package garage.http;

import org.jspecify.annotations.NullMarked;
