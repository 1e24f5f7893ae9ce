/** The operations of the admin API, on the cluster, its layout, keys and buckets. */
@NullMarked
package garage.admin;

import org.jspecify.annotations.NullMarked;
