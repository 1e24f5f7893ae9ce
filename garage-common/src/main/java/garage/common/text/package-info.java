/** Text for people. */
@NullMarked
package garage.common.text;

import org.jspecify.annotations.NullMarked;
