package garage.server.process;

import garage.common.env.Clock;
import garage.common.env.HostFiles;
import garage.common.error.GarageException;
import garage.http.Certificates;
import garage.server.config.GarageConfig;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate in files, read again while the server runs, so that renewing it needs no restart.
 * Whoever renews it may write one file after the other: a certificate that does not go with its key
 * is refused by the server, and both are looked at again.
 */
final class CertificateFiles implements Certificates {
  /** How soon a new certificate is noticed. */
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(CertificateFiles.class);

  private final GarageConfig.Tls tls;
  private final HostFiles files;
  private volatile Pem current;

  private CertificateFiles(GarageConfig.Tls tls, HostFiles files) {
    this.tls = tls;
    this.files = files;
    this.current = read();
  }

  /**
   * The certificate in the files of {@code tls}.
   *
   * @throws GarageException.InvalidInput with one line for the operator if they cannot be read
   */
  static CertificateFiles of(GarageConfig.Tls tls, HostFiles files) {
    try {
      return new CertificateFiles(tls, files);
    } catch (GarageException.Missing | GarageException.StorageFailed e) {
      throw new GarageException.InvalidInput("the TLS certificate: " + e.getMessage());
    }
  }

  @Override
  public Pem current() {
    return current;
  }

  /** Looks for new ones until the task is cancelled. */
  void watch(Clock clock) {
    while (true) {
      clock.sleep(PERIOD);
      try {
        current = read();
      } catch (GarageException.Missing | GarageException.StorageFailed e) {
        log.warn("the TLS certificate is kept as it was: {}", e.getMessage());
      }
    }
  }

  private Pem read() {
    return new Pem(files.read(tls.certificateFile()), files.read(tls.keyFile()));
  }
}
