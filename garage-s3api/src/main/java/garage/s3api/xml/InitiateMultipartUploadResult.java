package garage.s3api.xml;

/** The answer of CreateMultipartUpload. */
public record InitiateMultipartUploadResult(UploadName upload) implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.document("InitiateMultipartUploadResult", upload::write);
  }
}
