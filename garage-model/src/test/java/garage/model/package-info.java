/** A cluster of the domain's tables in memory, and what is shown with it. */
@NullMarked
package garage.model;

import org.jspecify.annotations.NullMarked;
