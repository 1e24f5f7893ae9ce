/** The domain: which tables there are, and how they hang together. */
@NullMarked
package garage.model;

import org.jspecify.annotations.NullMarked;
