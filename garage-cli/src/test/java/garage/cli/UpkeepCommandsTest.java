package garage.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.admin.api.AdminEndpoint;
import garage.admin.api.BucketRequest;
import garage.admin.api.BucketResponse;
import garage.admin.api.KeyRequest;
import garage.admin.api.KeyResponse;
import garage.admin.api.NodeAnswers;
import garage.admin.api.NodeRequest;
import garage.admin.api.NodeResponse;
import garage.admin.api.Nothing;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The commands that limit buckets and clean up. */
class UpkeepCommandsTest {
  private static final String BUCKET = "bb".repeat(32);

  private final FakeDaemon daemon = new FakeDaemon();

  @Test
  void aQuotaThatIsNotGivenStaysAsItIs() {
    bucket(10L, 5L);
    daemon.answers(AdminEndpoint.UPDATE_BUCKET, info(10L, 7L));

    assertEquals(0, run("bucket", "set-quotas", "b", "--max-objects", "7").exitCode());
    assertEquals(quotas(10L, 7L), daemon.asked.getLast());
    run("bucket", "set-quotas", "b", "--max-size", "none");
    assertEquals(quotas(null, 5L), daemon.asked.getLast());
    run("bucket", "set-quotas", "--max-size", "1K", "b", "--max-objects", "none");
    assertEquals(quotas(1000L, null), daemon.asked.getLast());
  }

  @Test
  void aQuotaThatIsNoneIsRefused() {
    bucket(null, null);
    for (String[] words :
        new String[][] {
          {"bucket", "set-quotas", "b"},
          {"bucket", "set-quotas", "b", "--max-size", "much"},
          {"bucket", "set-quotas", "b", "--max-objects", "-1"}
        }) {
      CommandRun run = run(words);
      assertEquals(1, run.exitCode(), String.join(" ", words));
      assertTrue(run.err().startsWith("Error: "), run.err());
    }
    assertTrue(
        daemon.asked.stream().noneMatch(request -> request instanceof BucketRequest.UpdateBucket));
  }

  @Test
  void uploadsAreCleanedUpInEachBucket() {
    bucket(null, null);
    daemon.answers(AdminEndpoint.CLEANUP_INCOMPLETE_UPLOADS, new BucketResponse.UploadsDeleted(3));
    assertEquals(
        "bbbbbbbbbbbbbbbb: 3 uploads deleted\n",
        run("bucket", "cleanup-incomplete-uploads", "--older-than", "2h", "b").out());
    assertEquals(new BucketRequest.CleanupIncompleteUploads(BUCKET, 7200), daemon.asked.getLast());
    daemon.answers(AdminEndpoint.CLEANUP_INCOMPLETE_UPLOADS, new BucketResponse.UploadsDeleted(0));
    assertEquals(
        "bbbbbbbbbbbbbbbb: no uploads deleted\n".repeat(2),
        run("bucket", "cleanup-incomplete-uploads", "b", "c").out());
    assertEquals(
        new BucketRequest.CleanupIncompleteUploads(BUCKET, 86_400), daemon.asked.getLast());
  }

  @Test
  void expiredKeysAreDeletedOnlyWhenItIsMeant() {
    daemon.answers(
        AdminEndpoint.LIST_KEYS,
        new KeyResponse.Keys(
            List.of(
                new KeyResponse.KeySummary("GK1", "a", null, null, true),
                new KeyResponse.KeySummary("GK2", "b", null, null, false))));
    daemon.answers(AdminEndpoint.DELETE_KEY, new Nothing());

    assertEquals(1, run("key", "delete-expired").exitCode());
    assertEquals(1, daemon.asked.size());
    assertEquals("1 access keys are deleted.\n", run("key", "delete-expired", "--yes").out());
    assertEquals(new KeyRequest.DeleteKey("GK1"), daemon.asked.getLast());
    assertEquals(3, daemon.asked.size());
  }

  @Test
  void thereAreNoDeadNodesToSkip() {
    CommandRun run = run("layout", "skip-dead-nodes", "--version", "2");
    assertEquals(1, run.exitCode());
    assertTrue(run.err().startsWith("Error: there is nothing to skip"), run.err());
    assertEquals(List.of(), daemon.asked);
  }

  @Test
  void whatUpstreamHasAndIsNotNeededHereIsRefusedWithTheReason() {
    for (String[] words :
        new String[][] {
          {"offline-repair", "--yes", "object_counters"},
          {"convert-db", "-i", "a", "-a", "lmdb", "-o", "b", "-b", "sqlite"}
        }) {
      CommandRun run = run(words);
      assertEquals(1, run.exitCode(), String.join(" ", words));
      assertTrue(run.err().matches("Error: .* so there is nothing to .*\\R"), run.err());
    }
    assertEquals(List.of(), daemon.asked);
  }

  @Test
  void blocksArePurgedOnlyWhenItIsMeant() {
    String hash = "ab".repeat(32);
    daemon.answers(
        AdminEndpoint.PURGE_BLOCKS,
        new NodeAnswers<>(
            Map.of(BUCKET, new NodeResponse.Purged(1, 3, 2, 1, 1)), Map.of("cc", "is down")));
    assertEquals(1, run("block", "purge", hash).exitCode());
    assertEquals(List.of(), daemon.asked);

    CommandRun run = run("block", "purge", "--yes", hash, "-a");
    assertEquals(
        "bbbbbbbbbbbbbbbb  1 blocks purged: 3 block refs, 2 versions, 1 objects, 1 multipart"
            + " uploads deleted\n",
        run.out());
    assertEquals(
        new NodeRequest.PurgeBlocks("*", new NodeRequest.BlockHashes(List.of(hash))),
        daemon.asked.getLast());
  }

  @Test
  void anObjectIsInspected() {
    bucket(null, null);
    daemon.answers(
        AdminEndpoint.INSPECT_OBJECT,
        new BucketResponse.ObjectInfo(
            BUCKET,
            "k",
            List.of(
                new BucketResponse.ObjectVersionInfo(
                    "null",
                    CommandRun.NOW,
                    false,
                    false,
                    false,
                    false,
                    false,
                    1_048_577L,
                    "e-tag",
                    List.of(List.of("content-type", "text/plain")),
                    List.of(
                        new BucketResponse.ObjectBlock(0, 0, "ab12", 1_048_576),
                        new BucketResponse.ObjectBlock(0, 1_048_576, "cd34", 1)))),
            true));
    CommandRun run = run("bucket", "inspect-object", "b", "k");
    assertEquals(new BucketRequest.InspectObject(BUCKET, "k"), daemon.asked.getLast());
    for (String line :
        List.of(
            "==== OBJECT VERSION ====",
            "Version ID:        null",
            "Size (exact):      1048577",
            "Number of blocks:  2",
            "Etag:              e-tag",
            "Inline data:       false",
            "content-type:      text/plain",
            "0      1048576  cd34        1",
            "There is more than is shown here.")) {
      assertTrue(run.out().lines().anyMatch(line::equals), line + " is not in\n" + run.out());
    }
  }

  @Test
  void aBucketIsMadeAWebSite() {
    bucket(null, null);
    daemon.answers(AdminEndpoint.UPDATE_BUCKET, info(null, null));
    assertEquals(0, run("bucket", "website", "--allow", "b", "-e", "404.html").exitCode());
    assertEquals(0, run("bucket", "website", "--deny", "b").exitCode());
    assertEquals(
        List.of(
            website(new BucketRequest.WebsiteChange(true, "index.html", "404.html")),
            website(new BucketRequest.WebsiteChange(false, null, null))),
        daemon.asked.stream().filter(BucketRequest.UpdateBucket.class::isInstance).toList());
    assertEquals(1, run("bucket", "website", "b").exitCode());
  }

  private static BucketRequest.UpdateBucket website(BucketRequest.WebsiteChange change) {
    return new BucketRequest.UpdateBucket(BUCKET, new BucketRequest.BucketChange(change, null));
  }

  private void bucket(@Nullable Long maxSize, @Nullable Long maxObjects) {
    daemon.answers(AdminEndpoint.GET_BUCKET_INFO, info(maxSize, maxObjects));
  }

  private static BucketRequest.UpdateBucket quotas(
      @Nullable Long maxSize, @Nullable Long maxObjects) {
    return new BucketRequest.UpdateBucket(
        BUCKET,
        new BucketRequest.BucketChange(null, new BucketRequest.Quotas(maxSize, maxObjects)));
  }

  private static BucketResponse.BucketInfo info(@Nullable Long maxSize, @Nullable Long maxObjects) {
    return new BucketResponse.BucketInfo(
        BUCKET,
        CommandRun.NOW,
        List.of("b"),
        false,
        null,
        List.of(),
        0,
        0,
        0,
        0,
        0,
        0,
        new BucketRequest.Quotas(maxSize, maxObjects));
  }

  private CommandRun run(String... words) {
    return CommandRun.of(daemon, words);
  }
}
