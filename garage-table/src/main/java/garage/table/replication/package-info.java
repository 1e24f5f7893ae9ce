/** Where rows live: spread over the nodes of the layout, or on every node. */
@NullMarked
package garage.table.replication;

import org.jspecify.annotations.NullMarked;
