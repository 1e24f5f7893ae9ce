package garage.common.env;

/** The only source of randomness; cryptographically strong in production, seeded in tests. */
public interface RandomSource {
  /** Fills {@code bytes}. */
  void fill(byte[] bytes);

  /** Any of the 2^64 values. */
  long nextLong();

  /** Uniform in {@code [0, bound)}; {@code bound} must be positive. */
  int nextInt(int bound);

  /** {@code length} fresh bytes. */
  default byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    fill(bytes);
    return bytes;
  }
}
