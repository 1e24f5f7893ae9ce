package garage.common.env.system;

import garage.common.env.HostFiles;
import garage.common.error.GarageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** The files of the machine this process runs on; relative paths start at its directory. */
public final class SystemHostFiles implements HostFiles {
  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  @Override
  public boolean exists(String path) {
    return Files.isRegularFile(Path.of(path));
  }

  @Override
  public byte[] read(String path) {
    try {
      Path file = Path.of(path);
      if (Files.size(file) > FILE_BYTES_MAX) {
        throw new GarageException.StorageFailed(path + " is too large", null);
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new GarageException.Missing("there is no file " + e.getFile());
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public boolean othersHaveAccess(String path) {
    try {
      return Files.getPosixFilePermissions(Path.of(path)).stream().anyMatch(OTHERS::contains);
    } catch (UnsupportedOperationException e) {
      return false; // a file system without modes
    } catch (IOException e) {
      throw new GarageException.StorageFailed("cannot read the mode of " + path, e);
    }
  }
}
