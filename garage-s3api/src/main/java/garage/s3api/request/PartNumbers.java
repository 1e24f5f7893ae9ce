package garage.s3api.request;

import garage.s3api.error.S3Error;

/** The numbers of parts. */
final class PartNumbers {
  /** AWS's limit on the parts of an object. */
  static final int MAX = 10_000;

  private PartNumbers() {}

  static int parse(String text) {
    Long number = Numbers.parse(text, MAX);
    if (number == null || number == 0) {
      throw S3Error.invalidArgument(
              "Part number must be an integer between 1 and 10000, inclusive", "partNumber", text)
          .exception();
    }
    return number.intValue();
  }
}
