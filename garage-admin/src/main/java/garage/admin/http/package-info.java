/** The admin API, health and metrics over HTTP. */
@NullMarked
package garage.admin.http;

import org.jspecify.annotations.NullMarked;
