package garage.benchmarks.load;

/** The sizes of objects that are measured. */
enum ObjectSize {
  KIB_4("4KiB", 4 << 10, 4 << 10),
  KIB_64("64KiB", 64 << 10, 64 << 10),
  MIB_1("1MiB", 1 << 20, 1 << 20),
  MIB_64("64MiB", 64 << 20, 8 << 20);

  private final String text;
  private final int bytes;
  private final int partBytes;

  ObjectSize(String text, int bytes, int partBytes) {
    this.text = text;
    this.bytes = bytes;
    this.partBytes = partBytes;
  }

  int bytes() {
    return bytes;
  }

  int partBytes() {
    return partBytes;
  }

  int parts() {
    return bytes / partBytes;
  }

  /** The size of this name; as in {@code 64KiB}. */
  static ObjectSize parse(String text) {
    for (ObjectSize size : values()) {
      if (size.text.equalsIgnoreCase(text)) {
        return size;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not a size: 4KiB, 64KiB, 1MiB, 64MiB");
  }

  @Override
  public String toString() {
    return text;
  }
}
