/** Access keys. */
@NullMarked
package garage.model.key;

import org.jspecify.annotations.NullMarked;
