package garage.common.hash;

import garage.common.check.Invariant;

/**
 * Arithmetic modulo the polynomial of a reflected CRC of 32 or 64 bits. A value's most significant
 * bit is the coefficient of {@code x^0}. Appending {@code n} bytes to a message multiplies its CRC
 * by {@code x^(8n)}; the initial and final inversions cancel out, so the CRC of two messages joined
 * is the first one's, so shifted, plus (exclusive or) the second one's.
 *
 * @param bits 32 or 64
 * @param reflected the polynomial, lowest power in the highest bit, without the term of degree
 *     {@code bits}
 */
record CrcPolynomial(int bits, long reflected) {
  static final CrcPolynomial CRC32 = new CrcPolynomial(32, 0xEDB88320L);
  static final CrcPolynomial CRC32C = new CrcPolynomial(32, 0x82F63B78L);
  static final CrcPolynomial CRC64NVME = new CrcPolynomial(64, 0x9A6C9329AC4BC9B5L);

  CrcPolynomial {
    Invariant.check(bits == 32 || bits == 64, "a CRC of 32 or 64 bits", bits);
  }

  /** {@code crc} times {@code x^(8 * bytes)}. */
  long shift(long crc, long bytes) {
    Invariant.check(bytes >= 0, "a length is never negative", bytes);
    return multiply(crc, power(bytes));
  }

  /** {@code x^(8 * bytes)}. */
  long power(long bytes) {
    long result = 1L << (bits - 1); // x^0
    long square = 1L << (bits - 9); // x^8
    for (long rest = bytes; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        result = multiply(result, square);
      }
      square = multiply(square, square);
    }
    return result;
  }

  /** The product of two polynomials. */
  long multiply(long a, long b) {
    long product = 0;
    long shifted = b;
    for (int bit = bits - 1; bit >= 0; bit--) {
      // Masks in place of branches: the bits are random.
      product ^= shifted & -(a >>> bit & 1);
      shifted = (shifted >>> 1) ^ (reflected & -(shifted & 1));
    }
    return product;
  }
}
