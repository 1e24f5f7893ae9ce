package garage.model.bucket;

import garage.common.check.Invariant;
import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.VersionedCodec;
import garage.common.codec.Writer;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a bucket is served as a web site, to everybody. */
public sealed interface Website {
  VersionedCodec<Website> CODEC = VersionedCodec.first(Codec.of(Website::write, Website::read));

  /**
   * Every request is sent to another host.
   *
   * @param protocol {@code http} or {@code https}; null for the request's own
   */
  record Elsewhere(String host, @Nullable String protocol) implements Website {}

  /**
   * The bucket's objects.
   *
   * @param index the name of the object shown for a folder, without a slash
   * @param errorKey the object shown where there is none
   * @param rules the first that applies counts
   */
  record Pages(String index, @Nullable String errorKey, List<Rule> rules) implements Website {
    public Pages {
      rules = List.copyOf(rules);
      Invariant.check(!index.isEmpty() && index.indexOf('/') < 0, "an index document", index);
    }
  }

  /**
   * Sends requests elsewhere.
   *
   * @param prefix what the key must begin with; null for anything
   * @param error the status that must have come out; null if it applies before anything is looked
   *     up
   */
  record Rule(@Nullable String prefix, @Nullable Integer error, Redirect redirect) {}

  /**
   * Where to; null leaves what the request has.
   *
   * @param status the redirect's HTTP status
   */
  record Redirect(
      @Nullable String host, @Nullable String protocol, @Nullable KeyChange key, int status) {}

  /** What becomes of the key. */
  sealed interface KeyChange {
    /** Another key. */
    record Whole(String key) implements KeyChange {}

    /** Another prefix in place of the rule's. */
    record Prefix(String prefix) implements KeyChange {}
  }

  /** How it is kept with the bucket. */
  default String toSetting() {
    return Base64.getEncoder().encodeToString(CODEC.encode(this));
  }

  /** The site of what {@link #toSetting} gave. */
  static Website ofSetting(String setting) {
    return CODEC.decode(Base64.getDecoder().decode(setting));
  }

  private static void write(Writer out, Website site) {
    switch (site) {
      case Elsewhere(String host, String protocol) ->
          out.u8(1).string(host).optional(protocol, Codec.STRING);
      case Pages(String index, String errorKey, List<Rule> rules) ->
          out.u8(2)
              .string(index)
              .optional(errorKey, Codec.STRING)
              .list(rules, Codec.of(Website::writeRule, Website::readRule));
    }
  }

  private static Website read(Reader in) {
    return in.u8() == 1
        ? new Elsewhere(in.string(), in.optional(Codec.STRING))
        : new Pages(
            in.string(),
            in.optional(Codec.STRING),
            in.list(Codec.of(Website::writeRule, Website::readRule)));
  }

  private static void writeRule(Writer out, Rule rule) {
    Redirect to = rule.redirect;
    Integer error = rule.error;
    out.optional(rule.prefix, Codec.STRING).varint(error == null ? 0 : error);
    out.optional(to.host, Codec.STRING).optional(to.protocol, Codec.STRING);
    switch (to.key) {
      case null -> out.u8(0);
      case KeyChange.Whole(String key) -> out.u8(1).string(key);
      case KeyChange.Prefix(String prefix) -> out.u8(2).string(prefix);
    }
    out.varint(to.status);
  }

  private static Rule readRule(Reader in) {
    String prefix = in.optional(Codec.STRING);
    int error = in.varint32();
    String host = in.optional(Codec.STRING);
    String protocol = in.optional(Codec.STRING);
    KeyChange key =
        switch (in.u8()) {
          case 1 -> new KeyChange.Whole(in.string());
          case 2 -> new KeyChange.Prefix(in.string());
          default -> null;
        };
    return new Rule(
        prefix, error == 0 ? null : error, new Redirect(host, protocol, key, in.varint32()));
  }
}
