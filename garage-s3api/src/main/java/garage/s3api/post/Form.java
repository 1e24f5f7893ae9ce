package garage.s3api.post;

import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import garage.s3api.request.ObjectName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a form that come before its file, by lower-case name. Fields after the file do not
 * count, as at AWS.
 */
record Form(Map<String, String> fields) {
  /** AWS's limit on everything before the file, in bytes. */
  static final int BYTES_MAX = 20_000;

  private static final String FILE = "file";
  private static final String FILE_NAME = "${filename}";

  Form {
    fields = Collections.unmodifiableMap(new TreeMap<>(fields));
  }

  /** Reads a form up to its file, which is then what {@code in} reads. */
  static Form read(FormReader in) {
    Map<String, String> fields = new TreeMap<>();
    int left = BYTES_MAX;
    for (FormReader.Part part = in.next(left); part != null; part = in.next(left)) {
      String name = part.name().toLowerCase(Locale.ROOT);
      if (name.equals(FILE)) {
        return new Form(named(fields, part.fileName()));
      }
      String value = value(in, left);
      left -= name.length() + value.length();
      if (left <= 0) {
        throw S3ErrorCode.MAX_POST_PRE_DATA_LENGTH_EXCEEDED.exception();
      }
      if (fields.put(name, value) != null) {
        throw S3Error.invalidArgument("A field is given twice.", name, value).exception();
      }
    }
    throw S3Error.invalidArgument("POST requires exactly one file upload per request.", FILE, "0")
        .exception();
  }

  private static String value(FormReader in, int bytesMax) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] piece = new byte[1024];
    for (int n = in.read(piece, 0, piece.length); n > 0; n = in.read(piece, 0, piece.length)) {
      out.write(piece, 0, n);
      if (out.size() > bytesMax) {
        throw S3ErrorCode.MAX_POST_PRE_DATA_LENGTH_EXCEEDED.exception();
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Browsers may send the file's name with its path. */
  private static Map<String, String> named(Map<String, String> fields, @Nullable String path) {
    String name = path == null ? "" : path;
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    // One that is longer makes a key too long however it is cut, and may stand there a thousand
    // times.
    String cut = last.substring(0, Math.min(last.length(), ObjectName.KEY_BYTES_MAX + 1));
    fields.computeIfPresent("key", (_, key) -> key.replace(FILE_NAME, cut));
    return fields;
  }

  /** A field; null if it is not there. */
  @Nullable String get(String name) {
    return fields.get(name);
  }

  /** A field that must be there, which AWS writes {@code shown}. */
  String require(String name, String shown) {
    String value = get(name);
    if (value == null) {
      throw missing(shown);
    }
    return value;
  }

  static S3Exception missing(String shown) {
    return S3Error.invalidArgument(
            "Bucket POST must contain a field named '"
                + shown
                + "'.  If it is specified, please check the order of the fields.",
            shown,
            "")
        .exception();
  }
}
