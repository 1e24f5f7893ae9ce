package garage.s3api.xml;

import garage.http.UriEncoding;

/** How keys and prefixes stand in a listing: as they are, or percent-encoded when asked for. */
public enum KeyEncoding {
  NONE,
  URL;

  /** The text to write for {@code key}; slashes stay, as they do at AWS. */
  public String encode(String key) {
    return this == URL ? UriEncoding.encodePath(key) : key;
  }
}
