package garage.s3api.request;

import java.util.HashMap;
import java.util.Map;

/** The operations on a bucket, most of which read, set and remove one of its configurations. */
final class BucketOperations {
  private BucketOperations() {}

  static Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    names.put("GET", "ListObjects");
    names.put("HEAD", "HeadBucket");
    names.put("PUT", "CreateBucket");
    names.put("DELETE", "DeleteBucket");
    names.put("POST", "PostObject");
    names.put("OPTIONS", "OptionsObject");
    names.put("GET location", "GetBucketLocation");
    names.put("GET policyStatus", "GetBucketPolicyStatus");
    names.put("GET session", "CreateSession");
    names.put("GET uploads", "ListMultipartUploads");
    names.put("GET versions", "ListObjectVersions");
    names.put("POST delete", "DeleteObjects");
    names.put("GET object-lock", "GetObjectLockConfiguration");
    names.put("PUT object-lock", "PutObjectLockConfiguration");
    getAndPut(names, "abac", "BucketAbac");
    getAndPut(names, "accelerate", "BucketAccelerateConfiguration");
    getAndPut(names, "acl", "BucketAcl");
    getAndPut(names, "logging", "BucketLogging");
    getAndPut(names, "notification", "BucketNotificationConfiguration");
    getAndPut(names, "requestPayment", "BucketRequestPayment");
    getAndPut(names, "versioning", "BucketVersioning");
    all(names, "analytics", "BucketAnalyticsConfiguration");
    all(names, "cors", "BucketCors");
    all(names, "encryption", "BucketEncryption");
    all(names, "intelligent-tiering", "BucketIntelligentTieringConfiguration");
    all(names, "inventory", "BucketInventoryConfiguration");
    all(names, "lifecycle", "BucketLifecycleConfiguration");
    all(names, "metrics", "BucketMetricsConfiguration");
    all(names, "ownershipControls", "BucketOwnershipControls");
    all(names, "policy", "BucketPolicy");
    all(names, "publicAccessBlock", "PublicAccessBlock");
    all(names, "replication", "BucketReplication");
    all(names, "tagging", "BucketTagging");
    all(names, "website", "BucketWebsite");
    metadata(names, "metadataConfiguration", "BucketMetadataConfiguration");
    metadata(names, "metadataTable", "BucketMetadataTableConfiguration");
    names.put("PUT metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration");
    names.put("PUT metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration");
    return names;
  }

  private static void getAndPut(Map<String, String> names, String subresource, String what) {
    names.put("GET " + subresource, "Get" + what);
    names.put("PUT " + subresource, "Put" + what);
  }

  private static void all(Map<String, String> names, String subresource, String what) {
    getAndPut(names, subresource, what);
    names.put("DELETE " + subresource, "Delete" + what);
  }

  private static void metadata(Map<String, String> names, String subresource, String what) {
    names.put("GET " + subresource, "Get" + what);
    names.put("POST " + subresource, "Create" + what);
    names.put("DELETE " + subresource, "Delete" + what);
  }
}
