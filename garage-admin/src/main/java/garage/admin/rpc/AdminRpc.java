package garage.admin.rpc;

import garage.admin.AdminCalls;
import garage.admin.api.AdminClient;
import garage.common.env.Clock;
import garage.common.env.Deadline;
import garage.rpc.Payload;
import garage.rpc.Rpc;
import garage.rpc.jdk.RpcClient;
import java.time.Duration;

/**
 * The admin API over the nodes' own connections. Whoever has one has proved the cluster's secret,
 * and may do everything.
 */
public final class AdminRpc {
  /** A command gives up after this long. */
  private static final Duration CALL_MAX = Duration.ofSeconds(90);

  private AdminRpc() {}

  /** Answers calls from now on. */
  public static void serve(Rpc rpc, AdminCalls calls) {
    rpc.serve(
        AdminCall.ENDPOINT,
        (from, request, deadline) -> {
          AdminCall call = request.value();
          AdminCalls.Reply reply = calls.call(call.endpoint(), call.json(), deadline);
          return Payload.of(new AdminReply(reply.status(), reply.json()));
        });
  }

  /** A client over a command's connection, which it closes with itself. */
  public static AdminClient client(RpcClient connection, Clock clock) {
    return new JsonAdminClient(
        call -> connection.call(AdminCall.ENDPOINT, call, Deadline.after(clock, CALL_MAX)),
        connection::close);
  }
}
