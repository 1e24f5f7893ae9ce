/** What becomes of a bucket's objects in time: rules, when they apply, and who applies them. */
@NullMarked
package garage.model.lifecycle;

import org.jspecify.annotations.NullMarked;
