package garage.s3api.acl;

import garage.model.bucket.Bucket;
import garage.model.bucket.BucketSetting;
import garage.s3api.xml.PublicAccessBlockConfiguration;
import java.util.List;

/**
 * What of public access a bucket's owner forbids, whatever policies and ACLs say.
 *
 * @param blockPublicAcls refuses a list that lets the public in
 * @param ignorePublicAcls lets what lists grant the public count for nothing
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
  /** Nothing is forbidden. */
  private static final PublicAccessBlock NONE = new PublicAccessBlock(false, false, false, false);

  private static final String YES = "1";

  /** What a bucket's owner forbids. */
  public static PublicAccessBlock of(Bucket bucket) {
    return bucket
        .setting(BucketSetting.PUBLIC_ACCESS_BLOCK)
        .map(PublicAccessBlock::ofSetting)
        .orElse(NONE);
  }

  /** What a document forbids. */
  public static PublicAccessBlock of(PublicAccessBlockConfiguration document) {
    return new PublicAccessBlock(
        document.blockPublicAcls(),
        document.ignorePublicAcls(),
        document.blockPublicPolicy(),
        document.restrictPublicBuckets());
  }

  /** As a document. */
  public PublicAccessBlockConfiguration document() {
    return new PublicAccessBlockConfiguration(
        blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets);
  }

  /** How it is kept with the bucket. */
  public String toSetting() {
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
