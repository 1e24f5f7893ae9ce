package garage.table.register;

import garage.common.time.Timestamp;
import java.nio.ByteBuffer;

/**
 * A version of a key as a reader sees it.
 *
 * @param id the version's identity: the ballot of its write's first attempt
 * @param body the bytes beside the row; empty if there are none or none were asked for
 */
public record Version<V>(Timestamp id, V value, ByteBuffer body) {}
