package garage.s3api.request;

import garage.http.Query;
import garage.model.object.Tag;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What tags may be.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html">Categorizing
 *     objects using tags</a>
 */
public final class TagRules {
  /** AWS's limit on the tags of an object. */
  public static final int OBJECT_TAGS_MAX = 10;

  /** AWS's limit on the tags of a bucket. */
  public static final int BUCKET_TAGS_MAX = 50;

  private static final String HEADER = "x-amz-tagging";
  private static final int KEY_CHARS_MAX = 128;
  private static final int VALUE_CHARS_MAX = 256;
  private static final Pattern TEXT = Pattern.compile("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*");

  private TagRules() {}

  /** The tags a request gives an object it makes; none without the header. */
  static List<Tag> parse(RequestHead head) {
    String header = head.filled(HEADER);
    return header == null ? List.of() : parse(header);
  }

  private static List<Tag> parse(String header) {
    Query query = Query.parse(header);
    if (query == null || query.repeated() != null) {
      throw S3Error.invalidArgument(
              "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query"
                  + " parameters without tag name duplicates.",
              HEADER,
              header)
          .exception();
    }
    List<Tag> tags = new ArrayList<>();
    query.parameters().forEach(parameter -> tags.add(new Tag(parameter.name(), parameter.value())));
    return checked(tags, OBJECT_TAGS_MAX);
  }

  /**
   * {@code tags}, if an object or bucket may have them.
   *
   * @param max how many there may be
   * @throws S3Exception with {@code InvalidTag} if not
   */
  public static List<Tag> checked(List<Tag> tags, int max) {
    if (tags.size() > max) {
      throw invalid(
          (max == OBJECT_TAGS_MAX ? "Object" : "Bucket") + " tags cannot be greater than " + max);
    }
    Set<String> keys = new HashSet<>();
    for (Tag tag : tags) {
      check(tag);
      if (!keys.add(tag.key())) {
        throw invalid("Cannot provide multiple Tags with the same key");
      }
    }
    return tags;
  }

  private static void check(Tag tag) {
    int length = tag.key().codePointCount(0, tag.key().length());
    if (length == 0 || length > KEY_CHARS_MAX || !TEXT.matcher(tag.key()).matches()) {
      throw invalid("The TagKey you have provided is invalid");
    }
    if (tag.key().toLowerCase(Locale.ROOT).startsWith("aws:")) {
      throw invalid("System tags cannot be added/updated by requester");
    }
    if (tag.value().codePointCount(0, tag.value().length()) > VALUE_CHARS_MAX
        || !TEXT.matcher(tag.value()).matches()) {
      throw invalid("The TagValue you have provided is invalid");
    }
  }

  private static S3Exception invalid(String why) {
    return S3ErrorCode.INVALID_TAG.because(why);
  }
}
