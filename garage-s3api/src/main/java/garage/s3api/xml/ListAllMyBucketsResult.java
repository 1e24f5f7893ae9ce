package garage.s3api.xml;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer of ListBuckets. */
public record ListAllMyBucketsResult(
    Owner owner, List<Bucket> buckets, @Nullable String prefix, @Nullable String continuationToken)
    implements XmlDocument {
  /** One bucket of the caller. */
  public record Bucket(String name, Instant created, String region) {}

  public ListAllMyBucketsResult {
    buckets = List.copyOf(buckets);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("ListAllMyBucketsResult", this::write);
  }

  private void write(XmlWriter xml) {
    xml.element("Owner", owner::write)
        .element("Buckets", list -> list.each("Bucket", buckets, this::write))
        .optional("Prefix", prefix)
        .optional("ContinuationToken", continuationToken);
  }

  private void write(XmlWriter xml, Bucket bucket) {
    xml.leaf("Name", bucket.name)
        .leaf("CreationDate", Dates.iso(bucket.created))
        .leaf("BucketRegion", bucket.region);
  }
}
