package garage.server;

import garage.common.env.Address;
import garage.common.env.Clock;
import garage.server.config.GarageConfig;
import java.util.Map;
import java.util.Optional;

/** What a node alone prints once it serves: how to use it, ready to paste. */
public final class Introduction {
  private Introduction() {}

  /** Makes {@code node} usable alone, if it is not, and tells how. */
  public static String of(
      GarageNode node,
      GarageConfig config,
      String configPath,
      Map<String, String> variables,
      Clock clock) {
    SelfLayout.applyIfNone(node.layout(), node.id(), node.hybrid(), clock, node.dataSpace());
    Optional<SingleNode.Credentials> credentials =
        new SingleNode(node.model(), clock, variables).credentials();
    Address s3 = config.s3().bindAddress();
    String endpoint = s3 == null ? "(none)" : "http://" + reachable(s3);
    StringBuilder text = new StringBuilder();
    text.append("\nGarage serves S3 at ").append(endpoint).append("\n\n");
    text.append("  configuration  ").append(configPath).append('\n');
    text.append("  region         ").append(config.s3().region()).append('\n');
    credentials.ifPresent(c -> append(text, c, endpoint, config.s3().region()));
    return text.append('\n').toString();
  }

  private static void append(
      StringBuilder text, SingleNode.Credentials c, String endpoint, String region) {
    text.append("  bucket         ").append(c.bucket()).append('\n');
    text.append("  access key     ").append(c.key().id()).append('\n');
    text.append("  secret key     ").append(c.key().secret()).append('\n');
    text.append("\nTo use it from another terminal, paste:\n\n");
    text.append("  export AWS_ENDPOINT_URL=").append(endpoint).append('\n');
    text.append("  export AWS_DEFAULT_REGION=").append(region).append('\n');
    text.append("  export AWS_ACCESS_KEY_ID=").append(c.key().id()).append('\n');
    text.append("  export AWS_SECRET_ACCESS_KEY=").append(c.key().secret()).append('\n');
    text.append("  aws s3 cp README.md s3://").append(c.bucket()).append("/\n");
    text.append("  aws s3 ls s3://").append(c.bucket()).append("/\n");
  }

  private static Address reachable(Address bound) {
    boolean any = bound.host().equals("0.0.0.0") || bound.host().equals("::");
    return any ? new Address("127.0.0.1", bound.port()) : bound;
  }
}
