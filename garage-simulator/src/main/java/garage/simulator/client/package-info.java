/** Clients that speak HTTP to simulated nodes: requests, replies, and what is lost between. */
@NullMarked
package garage.simulator.client;

import org.jspecify.annotations.NullMarked;
