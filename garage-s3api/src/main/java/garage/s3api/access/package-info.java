/** Who may do what: grants of keys and policies of buckets. */
@NullMarked
package garage.s3api.access;

import org.jspecify.annotations.NullMarked;
