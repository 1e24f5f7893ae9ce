package garage.rpc.handshake;

/** The two ends of a connection; part of what is proved, so that no proof can be sent back. */
enum Role {
  DIALLER(1),
  LISTENER(2);

  private final int number;

  Role(int number) {
    this.number = number;
  }

  /** The number that stands for it in a proof. */
  int number() {
    return number;
  }
}
