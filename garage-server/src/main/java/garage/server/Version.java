package garage.server;

/** The version of this software. */
public final class Version {
  /** As in pom.xml; a test compares them. */
  public static final String NUMBER = "0.1.0";

  private Version() {}
}
