package garage.s3api.call;

import garage.model.acl.ObjectOwnership;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * How the S3 API presents itself and stores objects.
 *
 * @param region what is advertised; requests signed for any other are served too
 * @param rootDomain buckets may be named as {@code bucket.rootDomain}; null for in paths only
 * @param blockBytes what objects are cut into
 * @param inlineBytesMax objects up to this size are kept with their metadata
 * @param ownership who owns the objects of buckets that do not say it themselves
 * @param hostId names this node in replies
 * @param midnight where it is midnight when objects expire
 * @param partBytesMin what a part of an upload has at least that is not the last
 */
public record S3Settings(
    String region,
    @Nullable String rootDomain,
    int blockBytes,
    int inlineBytesMax,
    ObjectOwnership ownership,
    String hostId,
    ZoneId midnight,
    long partBytesMin) {
  /** AWS's least size of a part that is not the last. */
  public static final long PART_BYTES_MIN = 5L << 20;

  /** Larger objects do not belong in the metadata store. */
  public static final int INLINE_BYTES_LIMIT = 1 << 20;

  /** With midnight in Greenwich, and parts as AWS has them. */
  public S3Settings(
      String region,
      @Nullable String rootDomain,
      int blockBytes,
      int inlineBytesMax,
      ObjectOwnership ownership,
      String hostId) {
    this(
        region,
        rootDomain,
        blockBytes,
        inlineBytesMax,
        ownership,
        hostId,
        ZoneOffset.UTC,
        PART_BYTES_MIN);
  }

  public S3Settings {
    if (region.isEmpty()) {
      throw new IllegalArgumentException("s3_region must not be empty");
    }
    if (blockBytes < 1) {
      throw new IllegalArgumentException("a block has at least one byte: " + blockBytes);
    }
    if (inlineBytesMax < 0 || inlineBytesMax > INLINE_BYTES_LIMIT) {
      throw new IllegalArgumentException("inline_threshold is from 0 to 1 MiB: " + inlineBytesMax);
    }
    if (partBytesMin < 1) {
      throw new IllegalArgumentException("a part has at least one byte: " + partBytesMin);
    }
  }

  /** Whether an object of {@code size} bytes is kept with its metadata. */
  public boolean isInline(long size) {
    return size <= inlineMax();
  }

  /** The largest such object. */
  public int inlineMax() {
    return Math.min(inlineBytesMax, blockBytes / 2);
  }
}
