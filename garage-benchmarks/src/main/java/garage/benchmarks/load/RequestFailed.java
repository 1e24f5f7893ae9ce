package garage.benchmarks.load;

/** A request was refused, or its reply is not what it should be. */
final class RequestFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  RequestFailed(String message) {
    super(message);
  }
}
