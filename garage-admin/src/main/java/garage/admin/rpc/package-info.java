/** The admin API between nodes, and from the command line to its node. */
@NullMarked
package garage.admin.rpc;

import org.jspecify.annotations.NullMarked;
