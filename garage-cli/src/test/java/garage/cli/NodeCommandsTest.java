package garage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.ClusterResponse;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.api.NodeRequest.LaunchRepairOperation;
import garage.admin.api.NodeRequest.RepairBody;
import garage.admin.api.NodeResponse;
import garage.admin.api.RepairType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands that nodes answer each for itself. */
class NodeCommandsTest {
  private static final String A = "0a".repeat(32);
  private static final String B = "1b".repeat(32);

  private final FakeDaemon daemon = new FakeDaemon();

  @Test
  void workersOfTheNodeThatIsAskedAreListed() {
    daemon.answers(
        AdminEndpoint.LIST_WORKERS,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Workers(List.of(idle()))), Map.of()));

    CommandRun run = run("worker", "list", "-b");

    assertEquals(
        new NodeRequest.ListWorkers("self", new NodeRequest.WorkerFilter(true, false)),
        daemon.asked.getLast());
    assertEquals(2, run.out().lines().count(), run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void workersOfAllNodesAreListedUnderTheNodesIdAndFailuresBeside() {
    daemon.answers(
        AdminEndpoint.LIST_WORKERS,
        new NodeAnswers<>(
            Map.of(A, new NodeResponse.Workers(List.of(idle()))), Map.of(B, "unreachable")));

    CommandRun run = run("worker", "list", "-a");

    assertTrue(run.out().startsWith("==== NODE [0a0a0a0a0a0a0a0a] ====\nTID "), run.out());
    assertEquals("1b1b1b1b1b1b1b1b  Error: unreachable\n", run.err());
    assertEquals(0, run.exitCode());
  }

  @Test
  void aCommandThatNoNodeAnswersFails() {
    daemon.answers(
        AdminEndpoint.GET_WORKER_INFO,
        new NodeAnswers<NodeResponse.Worker>(Map.of(), Map.of(A, "Worker not found: 9")));

    CommandRun run = run("worker", "info", "9", "-n", "0a0a");

    assertEquals(
        new NodeRequest.GetWorkerInfo("0a0a", new NodeRequest.WorkerId(9)), daemon.asked.getLast());
    assertEquals(1, run.exitCode());
    assertTrue(run.err().endsWith("Error: Worker not found: 9\n"), run.err());
  }

  @Test
  void variablesAreShownAndSetInOneLinePerNode() {
    daemon.answers(
        AdminEndpoint.GET_WORKER_VARIABLE,
        new NodeAnswers<>(
            Map.of(
                A, new NodeResponse.Variables(Map.of("x", "1")),
                B, new NodeResponse.Variables(Map.of("x", "2"))),
            Map.of()));
    assertEquals(
        "0a0a0a0a0a0a0a0a  x  1\n1b1b1b1b1b1b1b1b  x  2\n", run("worker", "get", "-a", "x").out());

    daemon.answers(
        AdminEndpoint.SET_WORKER_VARIABLE,
        new NodeAnswers<>(Map.of(A, new NodeResponse.VariableSet("x", "3")), Map.of()));
    assertEquals("0a0a0a0a0a0a0a0a  x  3\n", run("worker", "set", "x", "3").out());
    assertEquals(
        new NodeRequest.SetWorkerVariable("self", new NodeRequest.VariableValue("x", "3")),
        daemon.asked.getLast());
  }

  @Test
  void aRepairIsLaunchedOnlyWhenItIsMeant() {
    daemon.answers(
        AdminEndpoint.LAUNCH_REPAIR_OPERATION,
        new NodeAnswers<>(
            Map.of(A, new NodeResponse.Done()), Map.of(B, "this version has no such repair")));

    assertEquals(1, run("repair", "-a", "blocks").exitCode());
    assertEquals(List.of(), daemon.asked);

    CommandRun run = run("repair", "-a", "--yes", "blocks");
    assertEquals(
        new LaunchRepairOperation("*", new RepairBody(new RepairType.Blocks())),
        daemon.asked.getLast());
    assertEquals("0a0a0a0a0a0a0a0a  Repair launched\n", run.out());
    assertEquals("1b1b1b1b1b1b1b1b  Error: this version has no such repair\n", run.err());
    assertEquals(0, run.exitCode());
  }

  @Test
  void aScrubIsStartedPausedResumedAndCancelled() {
    daemon.answers(
        AdminEndpoint.LAUNCH_REPAIR_OPERATION,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Done()), Map.of()));

    run("repair", "--yes", "scrub", "pause");
    assertEquals(
        new RepairBody(new RepairType.Scrub(new RepairType.ScrubCommand.Pause())),
        ((LaunchRepairOperation) daemon.asked.getLast()).body());
    run("repair", "scrub", "--yes");
    assertEquals(
        new RepairBody(new RepairType.Scrub(new RepairType.ScrubCommand.Start())),
        ((LaunchRepairOperation) daemon.asked.getLast()).body());
    for (String[] wrong :
        new String[][] {
          {"repair", "--yes", "scrub", "stop"},
          {"repair", "--yes", "everything"},
          {"repair", "--yes", "blocks", "start"}
        }) {
      assertEquals(1, run(wrong).exitCode(), String.join(" ", wrong));
    }
    assertEquals(2, daemon.asked.size());
  }

  @Test
  void blocksThatCannotBeHadAreListedLookedAtAndTriedAgain() {
    daemon.answers(
        AdminEndpoint.LIST_BLOCK_ERRORS,
        new NodeAnswers<>(
            Map.of(
                A,
                new NodeResponse.BlockErrors(
                    List.of(new NodeResponse.BlockError("ab12", 2, 5, 125, 0)))),
            Map.of()));
    assertEquals(
        """
        Hash  RC  Errors  Last error     Next try
        ab12  2   5       2 minutes ago  asap
        """,
        run("block", "list-errors").out());

    daemon.answers(
        AdminEndpoint.GET_BLOCK_INFO,
        new NodeAnswers<>(
            Map.of(
                A,
                new NodeResponse.BlockInfo(
                    "ab12",
                    3,
                    List.of(
                        new NodeResponse.BlockVersion(
                            B,
                            false,
                            false,
                            false,
                            new NodeResponse.Backlink.OfObject(
                                new NodeResponse.ObjectName(B, "a/key"))),
                        new NodeResponse.BlockVersion(
                            B,
                            false,
                            true,
                            true,
                            new NodeResponse.Backlink.OfUpload(
                                new NodeResponse.UploadName(A, true, true, B, "whole"))),
                        new NodeResponse.BlockVersion(A, true, true, true, null)))),
            Map.of()));
    assertEquals(
        """
        ==== BLOCK INFORMATION ====
        Block hash:  ab12
        Refcount:    3

        ==== REFERENCES TO THIS BLOCK ====
        Status   Version           Bucket            Key    MPU
        active   1b1b1b1b1b1b1b1b  1b1b1b1b1b1b1b1b  a/key  -
        active   1b1b1b1b1b1b1b1b  1b1b1b1b1b1b1b1b  whole  0a0a0a0a0a0a0a0a
        deleted  0a0a0a0a0a0a0a0a  -                 -      -

        A reference is of data that is no more: `garage repair block-refs` drops it.

        The count differs from the active references: `garage repair block-rc` counts anew.
        """,
        run("block", "info", "ab12").out());

    daemon.answers(
        AdminEndpoint.RETRY_BLOCK_RESYNC,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Retried(3)), Map.of()));
    assertEquals(
        "0a0a0a0a0a0a0a0a  3 blocks are tried again\n", run("block", "retry-now", "--all").out());
    assertEquals(
        new NodeRequest.RetryBlockResync("self", new NodeRequest.Retry.All(true)),
        daemon.asked.getLast());
    run("block", "retry-now", "-a", "ab12");
    assertEquals(
        new NodeRequest.RetryBlockResync("*", new NodeRequest.Retry.Some(List.of("ab12"))),
        daemon.asked.getLast());
    assertEquals(1, run("block", "retry-now").exitCode());
  }

  @Test
  void statsPrintsEachNodeAndThenTheCluster() {
    daemon.answers(
        AdminEndpoint.GET_NODE_STATISTICS,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Statistics("of a\n")), Map.of()));
    daemon.answers(
        AdminEndpoint.GET_CLUSTER_STATISTICS, new ClusterResponse.Statistics("of all\n"));

    assertEquals(
        "==== NODE [0a0a0a0a0a0a0a0a] ====\nof a\n\n==== CLUSTER STATISTICS ====\nof all\n",
        run("stats", "-a").out());
    assertEquals(new NodeRequest.GetNodeStatistics("*"), daemon.asked.getFirst());
  }

  @Test
  void aSnapshotThatFailsOnANodeIsAFailure() {
    daemon.answers(
        AdminEndpoint.CREATE_METADATA_SNAPSHOT,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Done()), Map.of(B, "no space")));

    CommandRun run = run("meta", "snapshot", "--all");

    assertEquals(new NodeRequest.CreateMetadataSnapshot("*"), daemon.asked.getLast());
    assertEquals(
        "Node              Result\n"
            + "0a0a0a0a0a0a0a0a  Snapshot created\n"
            + "1b1b1b1b1b1b1b1b  Error: no space\n",
        run.out());
    assertEquals("Error: 1 of 2 nodes took no snapshot\n", run.err());
    assertEquals(1, run.exitCode());
  }

  @Test
  void whatNodesAnswerIsJsonToo() {
    daemon.answers(
        AdminEndpoint.GET_NODE_STATISTICS,
        new NodeAnswers<>(Map.of(A, new NodeResponse.Statistics("x")), Map.of()));

    assertTrue(run("stats", "--json").out().contains("\"freeform\": \"x\""));
  }

  private CommandRun run(String... words) {
    return CommandRun.of(daemon, words);
  }

  private static NodeResponse.Worker idle() {
    return new NodeResponse.Worker(
        1, "w", new NodeResponse.WorkerState.Idle(), 0, 0, null, null, null, null, null, List.of());
  }
}
