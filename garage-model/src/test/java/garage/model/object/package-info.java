/** Objects, their data and uploads, on nodes in memory. */
@NullMarked
package garage.model.object;

import org.jspecify.annotations.NullMarked;
