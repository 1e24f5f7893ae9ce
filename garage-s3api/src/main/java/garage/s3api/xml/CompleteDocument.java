package garage.s3api.xml;

import garage.common.hash.ChecksumAlgorithm;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of CompleteMultipartUpload: 1 to 10,000 parts in the order given. */
public record CompleteDocument(List<Part> parts) {
  /** AWS's limit on the parts of an object. */
  public static final int PARTS_MAX = 10_000;

  /** Largest body accepted, in bytes: ten thousand parts with tag and checksums. */
  public static final int BYTES_MAX = 8 * 1024 * 1024;

  /** One part; {@code etag} without quotes. */
  public record Part(int number, String etag, List<ChecksumField> checksums) {
    public Part {
      checksums = List.copyOf(checksums);
    }
  }

  public CompleteDocument {
    parts = List.copyOf(parts);
  }

  /** Reads the body. */
  public static CompleteDocument parse(byte[] body) {
    List<Part> parts = new ArrayList<>();
    XmlReader.read(
        body,
        "CompleteMultipartUpload",
        (xml, name) -> {
          if (!name.equals("Part") || parts.size() == PARTS_MAX) {
            throw XmlReader.malformed();
          }
          parts.add(part(xml));
        });
    if (parts.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new CompleteDocument(parts);
  }

  private static Part part(XmlReader xml) {
    int[] number = new int[1];
    @Nullable String[] etag = new String[1];
    List<ChecksumField> checksums = new ArrayList<>();
    xml.children(name -> {
      String text = xml.text().strip();
      switch (name) {
        case "PartNumber" -> number[0] = number(text);
        case "ETag" -> etag[0] = unquoted(text);
        default -> checksums.add(new ChecksumField(algorithm(name), text));
      }
    });
    String tag = etag[0];
    if (number[0] == 0 || tag == null) {
      throw XmlReader.malformed();
    }
    return new Part(number[0], tag, checksums);
  }

  private static ChecksumAlgorithm algorithm(String element) {
    ChecksumAlgorithm algorithm =
        element.startsWith("Checksum") ? ChecksumAlgorithm.ofName(element.substring(8)) : null;
    if (algorithm == null) {
      throw XmlReader.malformed();
    }
    return algorithm;
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= PARTS_MAX) {
        return number;
      }
    } catch (NumberFormatException e) {
      // not a number: the same answer as one out of range
    }
    throw XmlReader.malformed();
  }

  private static String unquoted(String etag) {
    boolean quoted = etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"");
    return quoted ? etag.substring(1, etag.length() - 1) : etag;
  }
}
