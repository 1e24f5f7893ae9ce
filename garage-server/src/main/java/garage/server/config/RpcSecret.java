package garage.server.config;

import garage.common.error.GarageException;
import garage.rpc.handshake.ClusterSecret;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks {@code rpc_secret}; its value is never part of a message. */
final class RpcSecret {
  private static final Pattern SYNTAX = Pattern.compile("[0-9a-fA-F]{64}");
  private static final String ADVICE = " (make one with: openssl rand -hex 32)";

  private RpcSecret() {}

  static ClusterSecret of(@Nullable Secret given) {
    if (given == null || given.reveal().isEmpty()) {
      throw new GarageException.InvalidInput(
          "rpc_secret is missing: set it in the configuration, its file or GARAGE_RPC_SECRET"
              + ADVICE);
    }
    if (!SYNTAX.matcher(given.reveal()).matches()) {
      throw new GarageException.InvalidInput("rpc_secret must be 64 hex digits" + ADVICE);
    }
    return ClusterSecret.parse(given.reveal());
  }
}
