/** Where log lines go and what they look like. */
@NullMarked
package garage.server.logging;

import org.jspecify.annotations.NullMarked;
