package garage.admin.api;

/**
 * Asks a daemon. Every method throws {@link AdminFailure} when the daemon refuses, and a {@link
 * garage.common.error.GarageException} when it cannot be asked.
 */
public interface AdminClient extends AutoCloseable {
  /** Asks for a value. */
  <R extends AdminResponse> R call(AdminRequest<R> request);

  /** Asks for the answer as indented JSON, without a line end after it. */
  String json(AdminRequest<?> request);

  /** Asks the endpoint of this name with a JSON text, for an answer as {@link #json} gives. */
  String json(String endpoint, String payload);

  @Override
  void close();
}
