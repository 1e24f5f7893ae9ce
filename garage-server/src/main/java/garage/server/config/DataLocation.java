package garage.server.config;

import garage.common.id.ByteSize;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds blocks.
 *
 * @param capacity its weight among several; null for the only one and for read-only ones
 * @param readOnly whether blocks are only read from it
 */
public record DataLocation(String path, @Nullable ByteSize capacity, boolean readOnly) {}
