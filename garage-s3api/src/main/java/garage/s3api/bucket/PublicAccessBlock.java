package garage.s3api.bucket;

import garage.s3api.xml.PublicAccessBlockConfiguration;
import java.util.List;

/**
 * What of public access a bucket's owner forbids, whatever policies and ACLs say.
 *
 * @param blockPublicPolicy refuses a policy that lets the public in
 * @param restrictPublicBuckets lets a policy that lets the public in allow nobody anything
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html">Blocking
 *     public access to your Amazon S3 storage</a>
 */
public record PublicAccessBlock(
    boolean blockPublicAcls,
    boolean ignorePublicAcls,
    boolean blockPublicPolicy,
    boolean restrictPublicBuckets) {
  private static final String YES = "1";

  static PublicAccessBlock of(PublicAccessBlockConfiguration document) {
    return new PublicAccessBlock(
        document.blockPublicAcls(),
        document.ignorePublicAcls(),
        document.blockPublicPolicy(),
        document.restrictPublicBuckets());
  }

  PublicAccessBlockConfiguration document() {
    return new PublicAccessBlockConfiguration(
        blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets);
  }

  /** How it is kept with the bucket. */
  String toSetting() {
    return String.join(
        ",",
        List.of(blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets)
            .stream()
            .map(on -> on ? YES : "0")
            .toList());
  }

  /** The block of what {@link #toSetting} gave. */
  public static PublicAccessBlock ofSetting(String setting) {
    String[] flags = setting.split(",", -1);
    return new PublicAccessBlock(
        flags[0].equals(YES), flags[1].equals(YES), flags[2].equals(YES), flags[3].equals(YES));
  }
}
