package garage.s3api.xml;

import garage.model.lifecycle.LifecycleRule;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Filter;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.model.object.Tag;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A rule of a {@link LifecycleConfiguration} as it is read: its elements by name, and what AWS asks
 * of them. AWS wants several conditions of a filter in an {@code And}; where they stand beside each
 * other they mean the same here, as other servers have it.
 */
final class LifecycleRuleDraft {
  /** AWS's limit on a rule's name. */
  private static final int ID_MAX = 255;

  /** AWS's limit on versions that stay. */
  private static final int NEWER_MAX = 100;

  /** The longest key. */
  private static final int PREFIX_BYTES_MAX = 1024;

  private static final long DAY_SECONDS = 86_400;

  /** The last day that can be written in the form of documents. */
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

  private static final String EXPIRATION = "Expiration";
  private static final String NONCURRENT = "NoncurrentVersionExpiration";
  private static final String ABORT = "AbortIncompleteMultipartUpload";

  /** The elements with text, each of which a rule has once at most, in whatever it stands. */
  private final Map<String, String> texts = new TreeMap<>();

  /** The elements with elements in them. */
  private final Set<String> groups = new TreeSet<>();

  private final List<Tag> tags = new ArrayList<>();
  private int conditions;
  private boolean transitions;

  private LifecycleRuleDraft() {}

  static LifecycleRuleDraft read(XmlReader xml) {
    LifecycleRuleDraft draft = new LifecycleRuleDraft();
    xml.children(name -> draft.element(xml, name));
    return draft;
  }

  private void element(XmlReader xml, String name) {
    switch (name) {
      case "ID", "Status" -> text(name, xml.text().strip());
      case "Prefix" -> {
        group("top level");
        text(name, xml.text()); // blanks are part of it
      }
      case "Filter" -> {
        group(name);
        xml.children(child -> filter(xml, child));
      }
      case EXPIRATION -> group(xml, name, Set.of("Days", "Date", "ExpiredObjectDeleteMarker"));
      case NONCURRENT -> group(xml, name, Set.of("NoncurrentDays", "NewerNoncurrentVersions"));
      case ABORT -> group(xml, name, Set.of("DaysAfterInitiation"));
      case "Transition", "NoncurrentVersionTransition" -> transition(xml);
      default -> throw XmlReader.malformed();
    }
  }

  private void text(String name, String text) {
    if (texts.put(name, text) != null) {
      throw XmlReader.malformed();
    }
  }

  private void group(String name) {
    if (!groups.add(name)) {
      throw XmlReader.malformed();
    }
  }

  private void group(XmlReader xml, String name, Set<String> allowed) {
    group(name);
    xml.children(child -> {
      if (!allowed.contains(child)) {
        throw XmlReader.malformed();
      }
      text(child, xml.text().strip());
    });
  }

  private void filter(XmlReader xml, String name) {
    if (name.equals("And")) {
      group(name);
      xml.children(child -> condition(xml, child));
    } else {
      condition(xml, name);
    }
  }

  private void condition(XmlReader xml, String name) {
    conditions++;
    switch (name) {
      case "Prefix" -> prefix(xml.text());
      case "ObjectSizeGreaterThan", "ObjectSizeLessThan" -> text(name, xml.text().strip());
      case "Tag" -> tags.add(tag(xml));
      default -> throw XmlReader.malformed();
    }
  }

  /** Of two prefixes the longer one says it all, if it begins with the other. */
  private void prefix(String prefix) {
    String other = texts.get("Prefix");
    if (other == null || prefix.startsWith(other)) {
      texts.put("Prefix", prefix);
    } else if (!other.startsWith(prefix)) {
      throw XmlReader.malformed();
    }
  }

  private static Tag tag(XmlReader xml) {
    List<String> keys = new ArrayList<>();
    List<String> values = new ArrayList<>();
    xml.children(name -> {
      switch (name) {
        case "Key" -> keys.add(xml.text());
        case "Value" -> values.add(xml.text());
        default -> throw XmlReader.malformed();
      }
    });
    if (keys.size() != 1 || values.size() != 1) {
      throw XmlReader.malformed();
    }
    return new Tag(keys.getFirst(), values.getFirst());
  }

  /** There is one storage class; what is wrong in itself is said all the same. */
  private void transition(XmlReader xml) {
    transitions = true;
    xml.children(name -> {
      String text = xml.text().strip();
      switch (name) {
        case "Date" -> date(text);
        case "Days", "NoncurrentDays", "NewerNoncurrentVersions", "StorageClass" -> {}
        default -> throw XmlReader.malformed();
      }
    });
  }

  /** The rule's name; null if it is to be given one. */
  @Nullable String id() {
    String id = texts.get("ID");
    if (id != null && id.length() > ID_MAX) {
      throw invalid("ID length should not exceed allowed limit of " + ID_MAX, "ID", id);
    }
    return id == null || id.isEmpty() ? null : id;
  }

  /** The rule, if it is one; {@code name} makes a name. */
  LifecycleRule rule(Supplier<String> name) {
    String status = texts.get("Status");
    boolean enabled = "Enabled".equals(status);
    if (!enabled && !"Disabled".equals(status)) {
      throw XmlReader.malformed();
    }
    if (transitions) {
      throw S3Error.of(
              S3ErrorCode.NOT_IMPLEMENTED,
              "Transition is not implemented: there is one storage class")
          .exception();
    }
    Filter filter = filter();
    Expiration expiration = expiration();
    Noncurrent noncurrent = noncurrent(filter);
    Integer abort = number("DaysAfterInitiation", ABORT);
    if (groups.contains(ABORT) && abort == null) {
      throw XmlReader.malformed();
    }
    if (expiration == null && noncurrent == null && abort == null) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "At least one action needs to be specified in a rule");
    }
    if (filter.looksAtObjects()) {
      refuse(expiration instanceof Expiration.OfMarkers, "ExpiredObjectDeleteMarker", filter);
      refuse(abort != null, ABORT, filter);
    }
    String id = id();
    return new LifecycleRule(
        id == null ? name.get() : id, enabled, filter, expiration, noncurrent, abort);
  }

  private static void refuse(boolean has, String action, Filter filter) {
    if (has) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          action
              + " cannot be specified with "
              + (filter.tags().isEmpty() ? "Object Size." : "Tags."));
    }
  }

  private Filter filter() {
    boolean older = groups.contains("top level");
    if (older == groups.contains("Filter")) {
      throw XmlReader.malformed();
    }
    String prefix = texts.get("Prefix");
    if (prefix != null && prefix.getBytes(StandardCharsets.UTF_8).length > PREFIX_BYTES_MAX) {
      throw invalid("The maximum size of a prefix is " + PREFIX_BYTES_MAX, "Prefix", prefix);
    }
    Long larger = bytes("ObjectSizeGreaterThan");
    Long smaller = bytes("ObjectSizeLessThan");
    if (larger != null && smaller != null && larger >= smaller) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
    }
    boolean several = conditions > 1 || groups.contains("And");
    Filter.Form form = older ? Filter.Form.PREFIX : several ? Filter.Form.AND : Filter.Form.FILTER;
    return new Filter(form, prefix, tags, larger, smaller);
  }

  private @Nullable Expiration expiration() {
    if (!groups.contains(EXPIRATION)) {
      return null;
    }
    Integer days = number("Days", EXPIRATION);
    String date = texts.get("Date");
    String flag = texts.get("ExpiredObjectDeleteMarker");
    boolean ofMarkers = flag != null && flag(flag);
    if ((days == null ? 0 : 1) + (date == null ? 0 : 1) + (ofMarkers ? 1 : 0) > 1) {
      throw XmlReader.malformed();
    }
    if (days != null) {
      return new Expiration.AfterDays(days);
    }
    if (date != null) {
      return new Expiration.From(date(date));
    }
    if (flag == null) {
      throw XmlReader.malformed();
    }
    return new Expiration.OfMarkers(ofMarkers);
  }

  private @Nullable Noncurrent noncurrent(Filter filter) {
    if (!groups.contains(NONCURRENT)) {
      return null;
    }
    Integer days = number("NoncurrentDays", NONCURRENT);
    Integer newer = number("NewerNoncurrentVersions", NONCURRENT);
    if (days == null) {
      throw XmlReader.malformed();
    }
    if (newer != null && newer > NEWER_MAX) {
      throw invalid(
          "'NewerNoncurrentVersions' for %s action must not be greater than %d"
              .formatted(NONCURRENT, NEWER_MAX),
          "NewerNoncurrentVersions",
          newer.toString());
    }
    if (newer != null && filter.form() == Filter.Form.PREFIX) {
      throw S3ErrorCode.INVALID_REQUEST.because(
          "NewerNoncurrentVersions can only be specified with a Filter element.");
    }
    return new Noncurrent(days, newer);
  }

  private @Nullable Integer number(String name, String action) {
    String text = texts.get(name);
    if (text == null) {
      return null;
    }
    if (!text.matches("[+-]?[0-9]{1,18}")) {
      throw XmlReader.malformed();
    }
    long number = Long.parseLong(text);
    if (number < 1 || number > Integer.MAX_VALUE) {
      throw invalid(
          "'%s' for %s action must be a positive integer".formatted(name, action), name, text);
    }
    return (int) number;
  }

  private @Nullable Long bytes(String name) {
    String text = texts.get(name);
    if (text != null && !text.matches("[0-9]{1,18}")) {
      throw XmlReader.malformed();
    }
    return text == null ? null : (Long) Long.parseLong(text);
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw XmlReader.malformed();
    };
  }

  private static Instant date(String text) {
    Instant date;
    try {
      date =
          text.length() == "2024-01-01".length()
              ? Instant.parse(text + "T00:00:00Z")
              : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw XmlReader.malformed();
    }
    if (date.isAfter(LAST)) {
      throw XmlReader.malformed();
    }
    if (Math.floorMod(date.getEpochSecond(), DAY_SECONDS) != 0 || date.getNano() != 0) {
      throw invalid("'Date' must be at midnight GMT", "Date", text);
    }
    return date;
  }

  private static S3Exception invalid(String message, String name, String value) {
    return S3Error.invalidArgument(message, name, value).exception();
  }
}
