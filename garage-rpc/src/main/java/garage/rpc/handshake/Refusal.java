package garage.rpc.handshake;

/** Why a listener ends a handshake; all that a refused peer is told. */
enum Refusal {
  /** Another version of the protocol. */
  VERSION(1, "the peer speaks another version of the protocol"),
  /** Not this application, or not this cluster. */
  CLUSTER(2, "the peer belongs to another application or cluster"),
  /** The proof was wrong. */
  PROOF(3, "refused: rpc_secret must be the same on both nodes");

  private final int number;
  private final String reason;

  Refusal(int number, String reason) {
    this.number = number;
    this.reason = reason;
  }

  int number() {
    return number;
  }

  String reason() {
    return reason;
  }
}
