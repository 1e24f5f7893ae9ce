/** Finding peers in Consul and in Kubernetes, and being found there. */
@NullMarked
package garage.server.discovery;

import org.jspecify.annotations.NullMarked;
