package garage.s3api.error;

import garage.common.check.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * One failed request as the client is told: {@code fields} are the further elements of the document
 * in order, {@code headers} the further headers of the reply.
 */
public record S3Error(S3ErrorCode code, String message, List<Field> fields, List<Field> headers) {
  /** An element of the error document or a header of the reply. */
  public record Field(String name, String value) {}

  public S3Error {
    fields = List.copyOf(fields);
    headers = List.copyOf(headers);
    for (Field field : fields) {
      Invariant.check(code.fields().contains(field.name()), "an element of the code", field.name());
    }
  }

  /** The error with the code's own text. */
  public static S3Error of(S3ErrorCode code) {
    return of(code, code.message());
  }

  /** The error with a text for this case. */
  public static S3Error of(S3ErrorCode code, String message) {
    return new S3Error(code, message, List.of(), List.of());
  }

  /** An argument that is wrong, with its name and value as AWS names them. */
  public static S3Error invalidArgument(String message, String name, String value) {
    return of(S3ErrorCode.INVALID_ARGUMENT, message)
        .with("ArgumentName", name)
        .with("ArgumentValue", value);
  }

  /** A header that asks for a feature this system does not have. */
  public static S3Error unsupportedHeader(String header) {
    return of(
            S3ErrorCode.NOT_IMPLEMENTED,
            "A header you provided implies functionality that is not implemented")
        .with("Header", header);
  }

  /** With one more element in the document. */
  public S3Error with(String name, String value) {
    return new S3Error(code, message, plus(fields, name, value), headers);
  }

  /** With one more header in the reply. */
  public S3Error withHeader(String name, String value) {
    return new S3Error(code, message, fields, plus(headers, name, value));
  }

  /** Ready to throw. */
  public S3Exception exception() {
    return new S3Exception(this);
  }

  private static List<Field> plus(List<Field> list, String name, String value) {
    List<Field> all = new ArrayList<>(list);
    all.add(new Field(name, value));
    return all;
  }
}
