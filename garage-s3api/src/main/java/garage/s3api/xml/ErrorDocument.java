package garage.s3api.xml;

import garage.s3api.error.S3Error;

/** What the body of a failed request says. */
public record ErrorDocument(S3Error error, String resource, String requestId, String hostId)
    implements XmlDocument {
  @Override
  public byte[] toXml() {
    return XmlWriter.plainDocument("Error", this::write);
  }

  private void write(XmlWriter xml) {
    xml.leaf("Code", error.code().wireName()).leaf("Message", error.message());
    for (S3Error.Field field : error.fields()) {
      xml.leaf(field.name(), field.value());
    }
    xml.leaf("Resource", resource).leaf("RequestId", requestId).leaf("HostId", hostId);
  }
}
