/** The configuration file, its overrides and its secrets, as checked settings records. */
@NullMarked
package garage.server.config;

import org.jspecify.annotations.NullMarked;
