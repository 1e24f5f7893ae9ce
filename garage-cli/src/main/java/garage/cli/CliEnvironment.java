package garage.cli;

import garage.admin.api.AdminClient;
import garage.common.env.Clock;

/** What the commands need of the machine they run on. */
public interface CliEnvironment {
  /** Connects to the node that the options and the configuration tell. */
  AdminClient connect(GlobalOptions options);

  /** Reads who this machine's node is. */
  LocalNode localNode(GlobalOptions options);

  /** Today. */
  Clock clock();
}
