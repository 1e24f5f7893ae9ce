package garage.table.register;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written.
 *
 * @param body empty where the version has none
 * @param dating null if the date of the version does not matter
 */
public record Draft<V>(V version, ByteBuffer body, @Nullable Dating<V> dating) {
  /** A version whose date does not matter. */
  public static <V> Draft<V> undated(V version, ByteBuffer body) {
    return new Draft<>(version, body, null);
  }
}
