/** Tests of the real server, in processes of its own. */
@NullMarked
package garage.server.it;

import org.jspecify.annotations.NullMarked;
