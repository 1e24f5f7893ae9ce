/** The optimal assignment of partitions to nodes, and the report that explains it. */
@NullMarked
package garage.layout.assign;

import org.jspecify.annotations.NullMarked;
