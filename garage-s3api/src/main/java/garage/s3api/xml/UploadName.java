package garage.s3api.xml;

/** What identifies an upload to a client. */
public record UploadName(String bucket, String key, String uploadId) {
  void write(XmlWriter xml) {
    xml.leaf("Bucket", bucket).leaf("Key", key).leaf("UploadId", uploadId);
  }
}
