package garage.s3api.call;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.s3api.xml.XmlDocument;

/** The common forms of replies. */
public final class Replies {
  /** The type of every document. */
  public static final String XML = "application/xml";

  private Replies() {}

  /** 200 and a document. */
  public static HttpResponse xml(XmlDocument document) {
    return xml(document, Headers.EMPTY);
  }

  /** 200 and a document, with further headers. */
  public static HttpResponse xml(XmlDocument document, Headers headers) {
    return HttpResponse.bytes(200, headers.with("Content-Type", XML), document.toXml());
  }

  /** 204: done, nothing to say. */
  public static HttpResponse noContent() {
    return HttpResponse.empty(204, Headers.EMPTY);
  }

  /** An entity tag as headers carry it. */
  public static String quoted(String etag) {
    return '"' + etag + '"';
  }
}
