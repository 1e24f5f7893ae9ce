/** The JSON form of the admin API's records. */
@NullMarked
package garage.admin.json;

import org.jspecify.annotations.NullMarked;
