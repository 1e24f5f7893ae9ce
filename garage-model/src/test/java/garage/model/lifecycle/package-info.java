/** Lifecycle: what is due when, and that it is done once, whatever happens meanwhile. */
@NullMarked
package garage.model.lifecycle;

import org.jspecify.annotations.NullMarked;
