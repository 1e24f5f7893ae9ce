/** Discovery against fakes of the services. */
@NullMarked
package garage.server.discovery;

import org.jspecify.annotations.NullMarked;
