/** Block files on data directories: format, placement, durable writes, reserve of space. */
@NullMarked
package garage.block.disk;

import org.jspecify.annotations.NullMarked;
