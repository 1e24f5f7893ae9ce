package garage.s3api.xml;

import garage.model.bucket.Website;
import garage.s3api.error.S3Error;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a bucket is served as a web site, as it is put and got.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html">PutBucketWebsite</a>
 */
public record WebsiteConfiguration(Website site) implements XmlDocument {
  /** Largest body accepted, in bytes: fifty rules with keys of 1 KiB, escaped. */
  public static final int BYTES_MAX = 512 * 1024;

  /** AWS's limit on the routing rules of a bucket. */
  public static final int RULES_MAX = 50;

  private static final String ALL = "RedirectAllRequestsTo";
  private static final String INDEX = "IndexDocument";
  private static final String ERROR = "ErrorDocument";
  private static final String RULES = "RoutingRules";
  private static final int MOVED = 301;

  /** Reads the body of a request. */
  public static WebsiteConfiguration parse(byte[] body) {
    Map<String, String> all = new TreeMap<>();
    Map<String, String> index = new TreeMap<>();
    Map<String, String> error = new TreeMap<>();
    List<Website.Rule> rules = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    XmlReader.read(
        body,
        "WebsiteConfiguration",
        (xml, name) -> {
          if (seen.contains(name)) {
            throw XmlReader.malformed();
          }
          seen.add(name);
          switch (name) {
            case ALL -> all.putAll(leaves(xml, Set.of("HostName", "Protocol")));
            case INDEX -> index.putAll(leaves(xml, Set.of("Suffix")));
            case ERROR -> error.putAll(leaves(xml, Set.of("Key")));
            case RULES -> rules.addAll(rules(xml));
            default -> throw XmlReader.malformed();
          }
        });
    if (seen.contains(ALL)) {
      return new WebsiteConfiguration(elsewhere(all, seen));
    }
    if (seen.contains(RULES) && rules.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new WebsiteConfiguration(
        new Website.Pages(
            index(index.get("Suffix"), seen),
            seen.contains(ERROR) ? required(error.get("Key")) : null,
            rules));
  }

  private static Website elsewhere(Map<String, String> to, List<String> seen) {
    if (seen.size() > 1) {
      throw S3Error.invalidArgument(
              "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
              ALL,
              "not null")
          .exception();
    }
    return new Website.Elsewhere(required(to.get("HostName")), protocol(to.get("Protocol")));
  }

  private static String index(@Nullable String suffix, List<String> seen) {
    if (!seen.contains(INDEX)) {
      throw S3Error.invalidArgument(
              "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
              INDEX,
              "null")
          .exception();
    }
    if (suffix == null || suffix.isEmpty() || suffix.indexOf('/') >= 0) {
      throw S3Error.invalidArgument(
              "The IndexDocument Suffix is not well formed",
              INDEX,
              suffix == null ? "null" : suffix)
          .exception();
    }
    return suffix;
  }

  private static List<Website.Rule> rules(XmlReader xml) {
    List<Website.Rule> rules = new ArrayList<>();
    int[] count = new int[1];
    xml.children(name -> {
      if (!name.equals("RoutingRule")) {
        throw XmlReader.malformed();
      }
      count[0]++;
      if (count[0] <= RULES_MAX) {
        rules.add(rule(xml));
      } else {
        xml.skip();
      }
    });
    if (count[0] > RULES_MAX) {
      throw invalid(
          count[0]
              + " routing rules provided, the number of routing rules in a website configuration is"
              + " limited to "
              + RULES_MAX
              + ".");
    }
    return rules;
  }

  private static Website.Rule rule(XmlReader xml) {
    List<Map<String, String>> condition = new ArrayList<>();
    List<Map<String, String>> redirect = new ArrayList<>();
    xml.children(name -> {
      switch (name) {
        case "Condition" ->
            condition.add(leaves(xml, Set.of("KeyPrefixEquals", "HttpErrorCodeReturnedEquals")));
        case "Redirect" ->
            redirect.add(
                leaves(
                    xml,
                    Set.of(
                        "HostName",
                        "HttpRedirectCode",
                        "Protocol",
                        "ReplaceKeyPrefixWith",
                        "ReplaceKeyWith")));
        default -> throw XmlReader.malformed();
      }
    });
    if (redirect.size() != 1 || redirect.getFirst().isEmpty() || condition.size() > 1) {
      throw XmlReader.malformed();
    }
    if (condition.isEmpty()) {
      return new Website.Rule(null, null, redirect(redirect.getFirst()));
    }
    Map<String, String> when = condition.getFirst();
    if (when.isEmpty()) {
      throw invalid(
          "Condition cannot be empty. To redirect all requests without a condition, the condition"
              + " element shouldn't be present.");
    }
    return new Website.Rule(
        when.get("KeyPrefixEquals"),
        status(
            when.get("HttpErrorCodeReturnedEquals"),
            400,
            599,
            "The provided HTTP error code (%s) is not valid. Valid codes are 4XX or 5XX."),
        redirect(redirect.getFirst()));
  }

  private static Website.Redirect redirect(Map<String, String> to) {
    String key = to.get("ReplaceKeyWith");
    String prefix = to.get("ReplaceKeyPrefixWith");
    if (key != null && prefix != null) {
      throw invalid("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
    }
    Integer status =
        status(
            to.get("HttpRedirectCode"),
            301,
            399,
            "The provided HTTP redirect code (%s) is not valid. Valid codes are 3XX except 300.");
    Website.KeyChange change =
        key != null
            ? new Website.KeyChange.Whole(key)
            : prefix == null ? null : new Website.KeyChange.Prefix(prefix);
    return new Website.Redirect(
        to.get("HostName"), protocol(to.get("Protocol")), change, status == null ? MOVED : status);
  }

  private static @Nullable Integer status(
      @Nullable String text, int least, int greatest, String complaint) {
    if (text == null) {
      return null;
    }
    int status = text.matches("[0-9]{3}") ? Integer.parseInt(text) : 0;
    if (status < least || status > greatest) {
      throw invalid(complaint.formatted(text));
    }
    return status;
  }

  private static @Nullable String protocol(@Nullable String text) {
    if (text != null && !text.equals("http") && !text.equals("https")) {
      throw invalid(
          "Invalid protocol, protocol can be http or https. If not defined the protocol will be"
              + " selected automatically.");
    }
    return text;
  }

  private static Map<String, String> leaves(XmlReader xml, Set<String> names) {
    Map<String, String> found = new TreeMap<>();
    xml.children(name -> {
      if (!names.contains(name) || found.put(name, xml.text().strip()) != null) {
        throw XmlReader.malformed();
      }
    });
    return found;
  }

  private static String required(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      throw XmlReader.malformed();
    }
    return text;
  }

  private static S3Exception invalid(String why) {
    return S3ErrorCode.INVALID_REQUEST.because(why);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "WebsiteConfiguration",
        xml -> {
          switch (site) {
            case Website.Elsewhere(String host, String protocol) ->
                xml.element(ALL, x -> x.leaf("HostName", host).optional("Protocol", protocol));
            case Website.Pages pages -> write(xml, pages);
          }
        });
  }

  private static void write(XmlWriter xml, Website.Pages pages) {
    xml.element(INDEX, x -> x.leaf("Suffix", pages.index()));
    String errorKey = pages.errorKey();
    if (errorKey != null) {
      xml.element(ERROR, x -> x.leaf("Key", errorKey));
    }
    if (!pages.rules().isEmpty()) {
      xml.element(RULES, x -> x.each("RoutingRule", pages.rules(), WebsiteConfiguration::write));
    }
  }

  private static void write(XmlWriter xml, Website.Rule rule) {
    Integer error = rule.error();
    if (rule.prefix() != null || error != null) {
      xml.element(
          "Condition",
          x ->
              x.optional("KeyPrefixEquals", rule.prefix())
                  .optional("HttpErrorCodeReturnedEquals", error == null ? null : "" + error));
    }
    Website.Redirect to = rule.redirect();
    xml.element(
        "Redirect",
        x -> {
          x.optional("Protocol", to.protocol()).optional("HostName", to.host());
          switch (to.key()) {
            case null -> {}
            case Website.KeyChange.Whole(String key) -> x.leaf("ReplaceKeyWith", key);
            case Website.KeyChange.Prefix(String prefix) -> x.leaf("ReplaceKeyPrefixWith", prefix);
          }
          x.leaf("HttpRedirectCode", to.status());
        });
  }
}
