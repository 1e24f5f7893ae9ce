package garage.model.object;

import garage.common.codec.Codec;

/** A header kept with an object and returned with it; the name is lower case. */
public record Header(String name, String value) {
  static final Codec<Header> CODEC =
      Codec.of(
          (out, h) -> out.string(h.name).string(h.value),
          in -> new Header(in.string(), in.string()));
}
