package garage.simulator.workload;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The lifecycle of the bucket of a run, and the soonest moment anything may come of it. A day after
 * something is the first midnight that is a whole day later; days are counted from 1970 on.
 *
 * @param dayMillis how long a day is
 */
public record Rules(long dayMillis) {
  /** Objects with these keys expire after a day. */
  static final String EXPIRE = "x";

  /** Those of more than {@link #LARGE} bytes do. */
  static final String EXPIRE_LARGE = "y";

  /** Versions that are not the present ones go after a day, and lone deletions. */
  static final String OLD = "w";

  static final int LARGE = 1_000;

  /** The document that asks for it. */
  public byte[] document() {
    String xml =
        """
        <LifecycleConfiguration>
        <Rule><ID>expire</ID><Status>Enabled</Status><Filter><Prefix>%s</Prefix></Filter>\
        <Expiration><Days>1</Days></Expiration></Rule>
        <Rule><ID>large</ID><Status>Enabled</Status><Filter><And><Prefix>%s</Prefix>\
        <ObjectSizeGreaterThan>%d</ObjectSizeGreaterThan></And></Filter>\
        <Expiration><Days>1</Days></Expiration></Rule>
        <Rule><ID>old</ID><Status>Enabled</Status><Filter><Prefix>%s</Prefix></Filter>\
        <Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>\
        <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
        </NoncurrentVersionExpiration></Rule>
        <Rule><ID>uploads</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>\
        <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
        </AbortIncompleteMultipartUpload></Rule>
        </LifecycleConfiguration>
        """
            .formatted(EXPIRE, EXPIRE_LARGE, LARGE, OLD);
    return xml.getBytes(StandardCharsets.UTF_8);
  }

  /** The first midnight a whole day after {@code millis}. */
  long dayAfter(long millis) {
    return Math.ceilDiv(millis, dayMillis) * dayMillis + dayMillis;
  }

  /** Whether an object expires; its size is null if nobody knows it. */
  static boolean expires(String key, @Nullable Integer size) {
    return key.startsWith(EXPIRE)
        || (key.startsWith(EXPIRE_LARGE) && (size == null || size > LARGE));
  }
}
