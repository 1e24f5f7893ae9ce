/** Who owns buckets and objects, and with whom they are shared. */
@NullMarked
package garage.s3api.acl;

import org.jspecify.annotations.NullMarked;
