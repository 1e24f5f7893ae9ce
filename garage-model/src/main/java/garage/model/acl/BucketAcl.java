package garage.model.acl;

import garage.common.codec.Codec;
import garage.common.codec.VersionedCodec;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Who made a bucket, and its access control list.
 *
 * @param owner the access key that made it
 * @param acl null if the owner shares with nobody
 */
public record BucketAcl(String owner, @Nullable Acl acl) {
  private static final VersionedCodec<BucketAcl> CODEC =
      VersionedCodec.first(
          Codec.of(
              (out, b) -> out.string(b.owner).optional(b.acl, Acl.CODEC),
              in -> new BucketAcl(in.string(), in.optional(Acl.CODEC))));

  /** How it is kept with the bucket. */
  public String toSetting() {
    return Base64.getEncoder().encodeToString(CODEC.encode(this));
  }

  /** What {@link #toSetting} gave. */
  public static BucketAcl ofSetting(String setting) {
    return CODEC.decode(Base64.getDecoder().decode(setting));
  }
}
