/** JSON as the front ends read and write it. */
@NullMarked
package garage.http.json;

import org.jspecify.annotations.NullMarked;
