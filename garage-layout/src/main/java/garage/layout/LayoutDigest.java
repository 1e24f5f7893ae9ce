package garage.layout;

import garage.common.codec.Codec;
import garage.common.id.Hash;

/**
 * What a node tells its peers of its layout, so that they know whether to ask for the whole. One
 * current number with two contents is a divergence that no exchange can mend.
 *
 * @param current the newest version
 * @param content the hash of the whole history with what is staged
 */
public record LayoutDigest(LayoutId current, Epoch epoch, Hash content) {
  public static final Codec<LayoutDigest> CODEC =
      Codec.of(
          (out, digest) ->
              out.value(digest.current, LayoutId.CODEC)
                  .value(digest.epoch, Epoch.CODEC)
                  .value(digest.content, Codec.HASH),
          in ->
              new LayoutDigest(
                  in.value(LayoutId.CODEC), in.value(Epoch.CODEC), in.value(Codec.HASH)));
}
