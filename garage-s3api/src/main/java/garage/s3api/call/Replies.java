package garage.s3api.call;

import garage.http.Headers;
import garage.http.HttpResponse;
import garage.model.object.VersionId;
import garage.s3api.xml.XmlDocument;
import java.util.Map;

/** The common forms of replies. */
public final class Replies {
  /** The type of every document. */
  public static final String XML = "application/xml";

  /** Names a version. */
  public static final String VERSION_ID = "x-amz-version-id";

  private Replies() {}

  /** 200 and a document. */
  public static HttpResponse xml(XmlDocument document) {
    return xml(document, Headers.EMPTY);
  }

  /** 200 and a document, with further headers. */
  public static HttpResponse xml(XmlDocument document, Headers headers) {
    HttpResponse reply =
        HttpResponse.bytes(200, headers.with("Content-Type", XML), document.toXml());
    for (Map.Entry<String, String> header : document.headers().entrySet()) {
      reply = reply.with(header.getKey(), header.getValue());
    }
    return reply;
  }

  /** The headers by which a reply names a version. */
  public static Map<String, String> version(VersionId id) {
    return Map.of(VERSION_ID, id.text());
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
