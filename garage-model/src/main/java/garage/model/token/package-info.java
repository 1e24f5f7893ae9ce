/** Tokens of the admin API. */
@NullMarked
package garage.model.token;

import org.jspecify.annotations.NullMarked;
