/** The cluster's layout: which node has which role, and which nodes keep which partition. */
@NullMarked
package garage.layout;

import org.jspecify.annotations.NullMarked;
