package garage.s3api.xml;

import garage.model.lifecycle.Lifecycle;
import garage.model.lifecycle.LifecycleRule;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Filter;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a bucket's objects in time, as it is put and got.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html">PutBucketLifecycleConfiguration</a>
 */
public record LifecycleConfiguration(Lifecycle lifecycle) implements XmlDocument {
  /** Largest body accepted, in bytes: a thousand rules of a thousand. */
  public static final int BYTES_MAX = 1 << 20;

  /** AWS's limit on the rules of a bucket. */
  private static final int RULES_MAX = 1000;

  /** The header that goes with the body. */
  public static final String SIZES = "x-amz-transition-default-minimum-object-size";

  private static final String SIZES_ALL = "all_storage_classes_128K";
  private static final String SIZES_BY_CLASS = "varies_by_storage_class";

  /** Reads the body of a request, and its header {@link #SIZES}; null if that is not there. */
  public static LifecycleConfiguration parse(byte[] body, @Nullable String sizes) {
    List<LifecycleRuleDraft> drafts = new ArrayList<>();
    XmlReader.read(
        body,
        "LifecycleConfiguration",
        (xml, name) -> {
          if (!name.equals("Rule") || drafts.size() == RULES_MAX) {
            throw XmlReader.malformed();
          }
          drafts.add(LifecycleRuleDraft.read(xml));
        });
    if (drafts.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new LifecycleConfiguration(new Lifecycle(rules(drafts), sizes(sizes)));
  }

  private static Lifecycle.TransitionSizes sizes(@Nullable String header) {
    return switch (header) {
      case null -> Lifecycle.TransitionSizes.ALL_128K;
      case SIZES_ALL -> Lifecycle.TransitionSizes.ALL_128K;
      case SIZES_BY_CLASS -> Lifecycle.TransitionSizes.BY_CLASS;
      default ->
          throw S3Error.invalidArgument("Invalid transition minimum size", SIZES, header)
              .exception();
    };
  }

  private static List<LifecycleRule> rules(List<LifecycleRuleDraft> drafts) {
    Set<String> ids = new HashSet<>();
    for (LifecycleRuleDraft draft : drafts) {
      String id = draft.id();
      if (id != null && !ids.add(id)) {
        throw S3Error.invalidArgument(
                "Rule ID must be unique. Found same ID for more than one rule", "ID", id)
            .exception();
      }
    }
    List<LifecycleRule> rules = new ArrayList<>();
    for (LifecycleRuleDraft draft : drafts) {
      rules.add(draft.rule(() -> unused(ids)));
    }
    boolean older = rules.stream().anyMatch(rule -> rule.filter().form() == Filter.Form.PREFIX);
    if (older && rules.stream().anyMatch(rule -> rule.filter().form() != Filter.Form.PREFIX)) {
      throw S3ErrorCode.INVALID_REQUEST.because("Filter element can only be used in Lifecycle V2.");
    }
    return rules;
  }

  /** A name for a rule that has none. */
  private static String unused(Set<String> ids) {
    int number = 1;
    while (!ids.add("rule-" + number)) {
      number++;
    }
    return "rule-" + number;
  }

  @Override
  public Map<String, String> headers() {
    return Map.of(
        SIZES,
        switch (lifecycle.sizes()) {
          case ALL_128K -> SIZES_ALL;
          case BY_CLASS -> SIZES_BY_CLASS;
        });
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "LifecycleConfiguration",
        xml -> xml.each("Rule", lifecycle.rules(), LifecycleConfiguration::write));
  }

  private static void write(XmlWriter xml, LifecycleRule rule) {
    xml.leaf("ID", rule.id());
    write(xml, rule.filter());
    xml.leaf("Status", rule.enabled() ? "Enabled" : "Disabled");
    Expiration expiration = rule.expiration();
    if (expiration != null) {
      xml.element("Expiration", x -> write(x, expiration));
    }
    Noncurrent noncurrent = rule.noncurrent();
    if (noncurrent != null) {
      xml.element("NoncurrentVersionExpiration", x -> write(x, noncurrent));
    }
    Integer abort = rule.abortDays();
    if (abort != null) {
      xml.element("AbortIncompleteMultipartUpload", x -> x.leaf("DaysAfterInitiation", abort));
    }
  }

  private static void write(XmlWriter xml, Expiration expiration) {
    switch (expiration) {
      case Expiration.AfterDays(int days) -> xml.leaf("Days", days);
      case Expiration.From(Instant date) -> xml.leaf("Date", Dates.iso(date));
      case Expiration.OfMarkers(boolean wanted) -> xml.leaf("ExpiredObjectDeleteMarker", wanted);
    }
  }

  private static void write(XmlWriter xml, Noncurrent noncurrent) {
    xml.leaf("NoncurrentDays", noncurrent.days());
    number(xml, "NewerNoncurrentVersions", noncurrent.newer());
  }

  private static void write(XmlWriter xml, Filter filter) {
    switch (filter.form()) {
      case PREFIX -> xml.optional("Prefix", filter.prefix());
      case FILTER -> xml.element("Filter", x -> writeConditions(x, filter));
      case AND -> xml.element("Filter", x -> x.element("And", y -> writeConditions(y, filter)));
    }
  }

  private static void writeConditions(XmlWriter xml, Filter filter) {
    xml.optional("Prefix", filter.prefix());
    xml.each("Tag", filter.tags(), (x, tag) -> x.leaf("Key", tag.key()).leaf("Value", tag.value()));
    number(xml, "ObjectSizeGreaterThan", filter.larger());
    number(xml, "ObjectSizeLessThan", filter.smaller());
  }

  private static void number(XmlWriter xml, String name, @Nullable Number number) {
    if (number != null) {
      xml.leaf(name, number.longValue());
    }
  }
}
