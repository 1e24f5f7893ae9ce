package garage.model.bucket;

import garage.common.error.GarageException;
import java.util.regex.Pattern;

/**
 * The rule for names of buckets.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html">Bucket
 *     naming rules</a>
 */
public final class BucketName {
  private static final Pattern SYNTAX = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private BucketName() {}

  /** Whether {@code name} may name a bucket. */
  public static boolean isValid(String name) {
    return SYNTAX.matcher(name).matches()
        && !name.contains("..")
        && !name.contains(".-")
        && !name.contains("-.")
        && !IPV4.matcher(name).matches()
        && !name.startsWith("xn--")
        && !name.endsWith("-s3alias");
  }

  /**
   * @throws GarageException.InvalidInput unless {@code name} may name a bucket
   */
  public static void require(String name) {
    if (!isValid(name)) {
      throw new GarageException.InvalidInput(
          ("'%s' is not a bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens,"
                  + " beginning and ending with a letter or digit")
              .formatted(name));
    }
  }
}
