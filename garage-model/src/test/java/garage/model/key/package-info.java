/** Access keys, on nodes in memory. */
@NullMarked
package garage.model.key;

import org.jspecify.annotations.NullMarked;
