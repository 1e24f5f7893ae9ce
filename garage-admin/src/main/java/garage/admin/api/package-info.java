/** The requests and answers of the admin API, shared by the daemon and the command line. */
@NullMarked
package garage.admin.api;

import org.jspecify.annotations.NullMarked;
