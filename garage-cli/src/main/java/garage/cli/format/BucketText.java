package garage.cli.format;

import garage.admin.api.BucketRequest.Quotas;
import garage.admin.api.BucketResponse.BucketInfo;
import garage.admin.api.BucketResponse.BucketKey;
import garage.admin.api.BucketResponse.BucketSummary;
import garage.admin.api.BucketResponse.Buckets;
import garage.admin.api.BucketResponse.WebsiteConfig;
import garage.common.text.TextTable;
import java.time.ZoneId;
import java.util.Comparator;

/** Buckets. */
public final class BucketText {
  private BucketText() {}

  /** A line for each bucket, the oldest first. */
  public static String list(Buckets buckets, ZoneId zone) {
    TextTable table = new TextTable().row("ID", "Created", "Global aliases", "Local aliases");
    buckets.buckets().stream()
        .sorted(Comparator.comparing(BucketSummary::created).thenComparing(BucketSummary::id))
        .forEach(bucket ->
            table.row(
                Cells.id(bucket.id()),
                Times.day(bucket.created(), zone),
                Cells.aliases(bucket.globalAliases()),
                Cells.aliases(
                    bucket.localAliases().stream()
                        .map(local -> local.accessKeyId() + ":" + local.alias())
                        .toList())));
    return table.toString();
  }

  /** A bucket, its contents in numbers, and its keys. */
  public static String info(BucketInfo bucket, ZoneId zone) {
    TextTable table =
        new TextTable()
            .row("Bucket:", bucket.id())
            .row("Created:", Times.full(bucket.created(), zone))
            .blank()
            .row("Size:", Cells.bothSizes(bucket.bytes()))
            .row("Objects:", Long.toString(bucket.objects()));
    uploads(table, bucket);
    website(table.blank(), bucket);
    quotas(table, bucket.quotas());
    table.blank();
    String label = bucket.globalAliases().size() > 1 ? "Global aliases:" : "Global alias:";
    for (String alias : bucket.globalAliases()) {
      table.row(label, alias);
      label = "";
    }
    return Cells.heading("BUCKET INFORMATION") + table + keys(bucket);
  }

  private static void uploads(TextTable table, BucketInfo bucket) {
    if (bucket.unfinishedMultipartUploads() > 0) {
      table.row("Unfinished uploads:", Long.toString(bucket.unfinishedMultipartUploads()));
    }
  }

  private static void website(TextTable table, BucketInfo bucket) {
    table.row("Website access:", Boolean.toString(bucket.websiteAccess()));
    WebsiteConfig config = bucket.websiteConfig();
    if (config != null) {
      table.row("  index document:", config.indexDocument());
      table.row(
          "  error document:", config.errorDocument() == null ? "none" : config.errorDocument());
    }
  }

  private static void quotas(TextTable table, Quotas quotas) {
    if (quotas.maxSize() == null && quotas.maxObjects() == null) {
      return;
    }
    table.blank().row("Quotas:", "enabled");
    if (quotas.maxSize() != null) {
      table.row("  maximum size:", Cells.bothSizes(quotas.maxSize()));
    }
    if (quotas.maxObjects() != null) {
      table.row("  maximum number of objects:", quotas.maxObjects().toString());
    }
  }

  private static String keys(BucketInfo bucket) {
    TextTable table = new TextTable().row("Permissions", "Access key", "", "Local aliases");
    for (BucketKey key : bucket.keys()) {
      table.row(
          KeyText.permissions(key.permissions()),
          key.accessKeyId(),
          key.name(),
          Cells.aliases(key.bucketLocalAliases()));
    }
    return "\n" + Cells.heading("KEYS FOR THIS BUCKET") + table;
  }
}
