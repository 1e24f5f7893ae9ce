package garage.common.env;

/** Reads small text files of this machine by their path: configuration, secrets, public keys. */
public interface HostFiles {
  /** The largest file read, in bytes: nothing written by hand comes near it. */
  int FILE_BYTES_MAX = 1 << 20;

  /** Whether there is a file of this name. */
  boolean exists(String path);

  /**
   * The whole file as bytes.
   *
   * @throws garage.common.error.GarageException.Missing if there is no such file
   * @throws garage.common.error.GarageException.StorageFailed if it cannot be read, or is larger
   *     than {@link #FILE_BYTES_MAX}
   */
  byte[] read(String path);

  /** Whether the file's mode gives its group or everybody any right; false where modes are none. */
  boolean othersHaveAccess(String path);
}
