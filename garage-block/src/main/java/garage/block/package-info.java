/** Content-addressed blocks with counted references, on this node and over the cluster. */
@NullMarked
package garage.block;

import org.jspecify.annotations.NullMarked;
