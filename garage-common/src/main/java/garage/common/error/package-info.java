/** The one sealed family of failures, shared by every module and carried over RPC as values. */
@NullMarked
package garage.common.error;

import org.jspecify.annotations.NullMarked;
