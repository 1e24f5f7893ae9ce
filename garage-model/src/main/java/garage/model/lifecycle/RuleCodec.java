package garage.model.lifecycle;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;
import garage.model.lifecycle.LifecycleRule.Expiration;
import garage.model.lifecycle.LifecycleRule.Filter;
import garage.model.lifecycle.LifecycleRule.Noncurrent;
import garage.model.object.Tag;
import java.time.Instant;

/** The binary form of rules. */
final class RuleCodec {
  static final Codec<LifecycleRule> RULE =
      Codec.of(
          (out, r) ->
              out.string(r.id())
                  .bool(r.enabled())
                  .value(r.filter(), RuleCodec.FILTER)
                  .optional(r.expiration(), RuleCodec.EXPIRATION)
                  .optional(r.noncurrent(), RuleCodec.NONCURRENT)
                  .optional(r.abortDays(), Codec.VARINT32),
          in ->
              new LifecycleRule(
                  in.string(),
                  in.bool(),
                  in.value(RuleCodec.FILTER),
                  in.optional(RuleCodec.EXPIRATION),
                  in.optional(RuleCodec.NONCURRENT),
                  in.optional(Codec.VARINT32)));

  private static final Codec<Filter> FILTER =
      Codec.of(
          (out, f) ->
              out.u8(number(f.form()))
                  .optional(f.prefix(), Codec.STRING)
                  .list(f.tags(), Tag.CODEC)
                  .optional(f.larger(), Codec.VARINT)
                  .optional(f.smaller(), Codec.VARINT),
          in ->
              new Filter(
                  form(in.u8()),
                  in.optional(Codec.STRING),
                  in.list(Tag.CODEC),
                  in.optional(Codec.VARINT),
                  in.optional(Codec.VARINT)));

  private static final Codec<Noncurrent> NONCURRENT =
      Codec.of(
          (out, n) -> out.varint(n.days()).optional(n.newer(), Codec.VARINT32),
          in -> new Noncurrent(in.varint32(), in.optional(Codec.VARINT32)));

  private static final Codec<Expiration> EXPIRATION =
      Codec.of(RuleCodec::write, RuleCodec::readExpiration);

  private RuleCodec() {}

  private static void write(Writer out, Expiration expiration) {
    switch (expiration) {
      case Expiration.AfterDays(int days) -> out.u8(1).varint(days);
      case Expiration.From(Instant date) -> out.u8(2).i64(date.getEpochSecond());
      case Expiration.OfMarkers(boolean wanted) -> out.u8(3).bool(wanted);
    }
  }

  private static Expiration readExpiration(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Expiration.AfterDays(in.varint32());
      case 2 -> new Expiration.From(Instant.ofEpochSecond(in.i64()));
      case 3 -> new Expiration.OfMarkers(in.bool());
      default -> throw new GarageException.Corrupt("unknown kind of expiration " + kind);
    };
  }

  private static int number(Filter.Form form) {
    return switch (form) {
      case PREFIX -> 0;
      case FILTER -> 1;
      case AND -> 2;
    };
  }

  private static Filter.Form form(int number) {
    return switch (number) {
      case 0 -> Filter.Form.PREFIX;
      case 1 -> Filter.Form.FILTER;
      case 2 -> Filter.Form.AND;
      default -> throw new GarageException.Corrupt("unknown form of a filter " + number);
    };
  }
}
