/** Access control lists, and who owns what. */
@NullMarked
package garage.model.acl;

import org.jspecify.annotations.NullMarked;
