package garage.s3api.xml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which pages of other origins may use a bucket, as it is put and got. */
public record CorsConfiguration(List<Rule> rules) implements XmlDocument {
  /** AWS's limit on the document, in bytes. */
  public static final int BYTES_MAX = 64 * 1024;

  /** AWS's limit on the rules of a bucket. */
  public static final int RULES_MAX = 100;

  /**
   * One rule.
   *
   * @param maxAgeSeconds how long a browser may keep the answer; null if that is not said
   */
  public record Rule(
      @Nullable String id,
      List<String> allowedHeaders,
      List<String> allowedMethods,
      List<String> allowedOrigins,
      List<String> exposeHeaders,
      @Nullable Integer maxAgeSeconds) {
    public Rule {
      allowedHeaders = List.copyOf(allowedHeaders);
      allowedMethods = List.copyOf(allowedMethods);
      allowedOrigins = List.copyOf(allowedOrigins);
      exposeHeaders = List.copyOf(exposeHeaders);
    }
  }

  public CorsConfiguration {
    rules = List.copyOf(rules);
  }

  /** Reads the body of a request. */
  public static CorsConfiguration parse(byte[] body) {
    List<Rule> rules = new ArrayList<>();
    XmlReader.read(
        body,
        "CORSConfiguration",
        (xml, name) -> {
          if (!name.equals("CORSRule") || rules.size() == RULES_MAX) {
            throw XmlReader.malformed();
          }
          rules.add(rule(xml));
        });
    if (rules.isEmpty()) {
      throw XmlReader.malformed();
    }
    return new CorsConfiguration(rules);
  }

  private static Rule rule(XmlReader xml) {
    List<String> headers = new ArrayList<>();
    List<String> methods = new ArrayList<>();
    List<String> origins = new ArrayList<>();
    List<String> exposed = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    List<Integer> ages = new ArrayList<>();
    xml.children(name -> {
      String text = xml.text().strip();
      switch (name) {
        case "ID" -> ids.add(text);
        case "AllowedHeader" -> headers.add(text);
        case "AllowedMethod" -> methods.add(text);
        case "AllowedOrigin" -> origins.add(text);
        case "ExposeHeader" -> exposed.add(text);
        case "MaxAgeSeconds" -> ages.add(seconds(text));
        default -> throw XmlReader.malformed();
      }
    });
    if (methods.isEmpty() || origins.isEmpty() || ids.size() > 1 || ages.size() > 1) {
      throw XmlReader.malformed();
    }
    return new Rule(
        ids.isEmpty() ? null : ids.getFirst(),
        headers,
        methods,
        origins,
        exposed,
        ages.isEmpty() ? null : ages.getFirst());
  }

  private static int seconds(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw XmlReader.malformed();
    }
    return Integer.parseInt(text);
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document(
        "CORSConfiguration", xml -> xml.each("CORSRule", rules, CorsConfiguration::write));
  }

  private static void write(XmlWriter xml, Rule rule) {
    xml.optional("ID", rule.id);
    rule.allowedHeaders.forEach(header -> xml.leaf("AllowedHeader", header));
    rule.allowedMethods.forEach(method -> xml.leaf("AllowedMethod", method));
    rule.allowedOrigins.forEach(origin -> xml.leaf("AllowedOrigin", origin));
    rule.exposeHeaders.forEach(header -> xml.leaf("ExposeHeader", header));
    if (rule.maxAgeSeconds != null) {
      xml.leaf("MaxAgeSeconds", rule.maxAgeSeconds);
    }
  }
}
