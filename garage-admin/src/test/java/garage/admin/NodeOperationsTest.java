package garage.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.ClusterRequest;
import garage.admin.api.LayoutRequest;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.api.NodeRequest.RepairBody;
import garage.admin.api.NodeRequest.VariableName;
import garage.admin.api.NodeRequest.VariableValue;
import garage.admin.api.NodeRequest.WorkerFilter;
import garage.admin.api.NodeRequest.WorkerId;
import garage.admin.api.NodeResponse;
import garage.admin.api.RepairType;
import garage.admin.api.RoleChange;
import garage.admin.json.AdminJson;
import garage.common.error.GarageException;
import garage.common.worker.Worker;
import garage.common.worker.WorkerState;
import garage.testkit.env.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a node answers for itself: its workers, variables, repairs, snapshots and statistics. */
class NodeOperationsTest {
  private static final String SELF = NodeRequest.SELF;

  @Test
  void aWorkerIsShownWithItsStateAndItsLastError() {
    onNode(node -> {
      node.workers.start(new TestWorker("idle", () -> new WorkerState.Idle(Duration.ofHours(1))));
      node.workers.start(
          new TestWorker(
              "failing",
              () -> {
                throw new GarageException.StorageFailed("no disk", null);
              }));
      node.workers.start(new TestWorker("done", WorkerState.Done::new));
      node.workers.start(
          new TestWorker("slow", () -> new WorkerState.Throttled(Duration.ofMillis(1500))));
      node.clock.sleep(Duration.ofMillis(1));
      List<NodeResponse.Worker> all = list(node, null);
      assertEquals(
          List.of("idle", "failing", "done", "slow"),
          all.stream().map(NodeResponse.Worker::name).toList());
      assertEquals(new NodeResponse.WorkerState.Idle(), all.get(0).state());
      assertEquals(new NodeResponse.WorkerState.Done(), all.get(2).state());
      assertEquals(
          new NodeResponse.WorkerState.Throttled(new NodeResponse.Pause(1.5)), all.get(3).state());
      assertNull(all.get(0).lastError());
      assertNull(all.get(0).persistentErrors());
      assertEquals(5L, all.get(0).queueLength());
      assertEquals("10%", all.get(0).progress());
      assertEquals(List.of("a line"), all.get(0).freeform());

      NodeResponse.Worker failing = all.get(1);
      assertEquals(1, failing.errors());
      assertEquals(1, failing.consecutiveErrors());
      assertEquals(new NodeResponse.LastError("no disk", 0), failing.lastError());
      assertEquals(List.of(failing), list(node, new WorkerFilter(null, true)), "with errors only");
      assertEquals(
          List.of("slow"),
          list(node, new WorkerFilter(true, null)).stream()
              .map(NodeResponse.Worker::name)
              .toList());
      assertEquals(
          failing, only(node.ask(new NodeRequest.GetWorkerInfo(SELF, new WorkerId(failing.id())))));
      node.workers.close();
    });
  }

  @Test
  void aWorkerThatDoesNotExistIsAnErrorOfItsNode() {
    onNode(node ->
        assertEquals(
            Map.of(self(node), "Worker not found: 99"),
            node.ask(new NodeRequest.GetWorkerInfo(SELF, new WorkerId(99))).error()));
  }

  @Test
  void variablesAreShownAndOnlySomeAreSet() {
    onNode(node -> {
      assertEquals(
          Map.of("resync-worker-count", "1", "scrub-next-run", "soon"),
          only(node.ask(new NodeRequest.GetWorkerVariable(SELF, null))).values());
      assertEquals(
          new NodeResponse.VariableSet("resync-worker-count", "4"),
          only(
              node.ask(
                  new NodeRequest.SetWorkerVariable(
                      SELF, new VariableValue("resync-worker-count", "4")))));
      assertEquals(
          Map.of("resync-worker-count", "4"),
          only(node.ask(
                  new NodeRequest.GetWorkerVariable(SELF, new VariableName("resync-worker-count"))))
              .values());
      assertEquals(
          Map.of(self(node), "the variable 'scrub-next-run' cannot be changed"),
          node.ask(
                  new NodeRequest.SetWorkerVariable(
                      SELF, new VariableValue("scrub-next-run", "now")))
              .error());
      String unknown =
          String.valueOf(
              node.ask(new NodeRequest.GetWorkerVariable(SELF, new VariableName("x")))
                  .error()
                  .get(self(node)));
      assertTrue(unknown.contains("resync-worker-count, scrub-next-run"), unknown);
    });
  }

  @Test
  void aRepairThatThereIsBeginsAndAnotherIsRefused() {
    onNode(node -> {
      RepairBody blocks = new RepairBody(new RepairType.Blocks());
      assertNotNull(only(node.ask(new NodeRequest.LaunchRepairOperation(SELF, blocks))));
      assertEquals(List.of("repair blocks"), node.done);
      RepairBody aliases = new RepairBody(new RepairType.Aliases());
      String none =
          String.valueOf(
              node.ask(new NodeRequest.LaunchRepairOperation(SELF, aliases))
                  .error()
                  .get(self(node)));
      assertTrue(none.endsWith("there is nothing else to repair about them"), none);
      assertEquals(1, node.done.size());
    });
  }

  @Test
  void aSnapshotIsTakenWhereItIsAskedFor() {
    onNode(node -> {
      assertNotNull(only(node.ask(new NodeRequest.CreateMetadataSnapshot(SELF))));
      assertEquals(List.of("snapshot"), node.done);
    });
  }

  @Test
  void statisticsOfANodeNameItsTablesAndBlocks() {
    onNode(node -> {
      String text = only(node.ask(new NodeRequest.GetNodeStatistics(SELF))).freeform();
      assertTrue(text.contains("Node ID:          " + self(node) + "\n"), text);
      assertTrue(text.contains("Garage version:   9.9\n"), text);
      assertTrue(text.contains("\n  bucket "), text);
      assertTrue(text.contains("  blocks: 7\n"), text);
    });
  }

  @Test
  void statisticsOfTheClusterEstimateTheRoomLeft() {
    onNode(node -> {
      node.ask(
          new LayoutRequest.UpdateClusterLayout(
              List.of(RoleChange.assign(self(node), "dc1", List.of(), 1_000_000L)), null));
      node.ask(new LayoutRequest.ApplyClusterLayout(1));
      assertEquals(
          """
          Storage nodes:
            ID                Hostname  Zone  Capacity  Part.  DataAvail          MetaAvail
            %s  garage-0  dc1   1.0 MB    256    30 B/40 B (75.0%%)  1 B/2 B (50.0%%)

          Estimated available storage space cluster-wide (might be lower in practice):
            data:      30 B
            metadata:  1 B
          """
              .formatted(self(node).substring(0, 16)),
          node.ask(new ClusterRequest.GetClusterStatistics()).freeform());
    });
  }

  @Test
  void theJsonIsThatOfUpstream() {
    assertEquals(
        new NodeRequest.LaunchRepairOperation(
            "*", new RepairBody(new RepairType.Scrub(new RepairType.ScrubCommand.Start()))),
        AdminJson.readRequest(
            AdminEndpoint.LAUNCH_REPAIR_OPERATION,
            Map.of("node", "*"),
            "{\"repairType\": {\"scrub\": \"start\"}}"));
    assertEquals(
        new NodeRequest.LaunchRepairOperation(
            "aa", new RepairBody(new RepairType.MultipartUploads())),
        AdminJson.readRequest(
            AdminEndpoint.LAUNCH_REPAIR_OPERATION,
            "{\"node\": \"aa\", \"body\": {\"repairType\": \"multipartUploads\"}}"));
    assertEquals(
        new NodeRequest.ListWorkers("*", null),
        AdminJson.readRequest(AdminEndpoint.LIST_WORKERS, Map.of("node", "*"), ""));
    NodeAnswers<NodeResponse.Workers> workers =
        new NodeAnswers<>(
            Map.of(
                "aa",
                new NodeResponse.Workers(
                    List.of(
                        new NodeResponse.Worker(
                            1,
                            "w",
                            new NodeResponse.WorkerState.Throttled(new NodeResponse.Pause(0.5)),
                            0,
                            0,
                            new NodeResponse.LastError("m", 3),
                            null,
                            "1%",
                            4L,
                            null,
                            List.of("x"))))),
            Map.of());
    String json = AdminJson.write(workers);
    assertTrue(json.contains("\"state\": {\n          \"throttled\": {"), json);
    assertTrue(json.contains("\"durationSecs\": 0.5"), json);
    assertEquals(workers, AdminJson.readResponse(AdminEndpoint.LIST_WORKERS, json));
    assertEquals(
        "{\n  \"success\": {\n    \"aa\": null\n  },\n  \"error\": {}\n}",
        AdminJson.write(new NodeAnswers<>(Map.of("aa", new NodeResponse.Done()), Map.of())));
  }

  private static List<NodeResponse.Worker> list(TestNode node, @Nullable WorkerFilter filter) {
    return only(node.ask(new NodeRequest.ListWorkers(SELF, filter))).workers();
  }

  private static <T extends Record> T only(NodeAnswers<T> answers) {
    assertEquals(Map.of(), answers.error());
    assertEquals(1, answers.success().size());
    return answers.success().values().iterator().next();
  }

  private static String self(TestNode node) {
    return node.self().toString();
  }

  private static void onNode(Consumer<TestNode> test) {
    Simulation.run(1, simulation -> test.accept(new TestNode(simulation, 1)));
  }

  /** Does what it is told at each step. */
  private record TestWorker(String name, Supplier<WorkerState> steps) implements Worker {
    @Override
    public WorkerState step() {
      return steps.get();
    }

    @Override
    public long queueLength() {
      return 5;
    }

    @Override
    public String progress() {
      return "10%";
    }

    @Override
    public List<String> details() {
      return List.of("a line");
    }
  }
}
