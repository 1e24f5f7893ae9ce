package garage.simulator.planted;

import garage.simulator.planted.Patch.Effect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bugs that the simulator must find. Each is a call left out of the production code, with an answer
 * made up: a round that is not waited for, a check that is not made, a trigger that is forgotten.
 */
public enum PlantedBug {
  SKIP_WRITE_BACK(
      "a read that sees a difference answers without settling it",
      register("Register", "settle", "Register.writeBack", 0, Effect.ONE)),
  READ_ONE(
      "a read answers from the first replica",
      register("Register", "agreement", "Round.agreed", 0, Effect.ONE)),
  ACCEPT_LOWER(
      "a replica accepts what is older than what it has",
      register("RegisterRow", "accept", "Timestamp.compareTo", 0, Effect.ONE)),
  IGNORE_PROMISE(
      "a replica accepts below its promise",
      register("RegisterRow", "accept", "Timestamp.compareTo", 1, Effect.ONE)),
  FORGET_PROMISE(
      "a promise is not stored",
      register("RegisterReplica", "prepare", "Store.commit", 0, Effect.NOTHING)),
  REPEAT_PREPARE(
      "a prepare is answered though something higher was accepted",
      register("RegisterRow", "prepare", "Timestamp.compareTo", 0, Effect.ONE)),
  ACKNOWLEDGE_ONE(
      "a write is acknowledged before a quorum has it",
      register("Register", "yes", "Round.quorum", 0, Effect.ONE)),
  ACKNOWLEDGE_BEFORE_SYNC(
      "a batch is acknowledged before it is synced",
      new Patch("garage.db.memory.MemoryStore", "commit", "Gate.awaitThrough", 0, Effect.NOTHING)),
  BLIND_RETRY(
      "a write that was refused is applied again without proof that it was not",
      register("Fate", "of", "Round.quorum", 0, Effect.ONE)),
  NOT_RECOGNISED(
      "a retry does not look for its own version",
      register("Fate", "of", "Timestamp.equals", 0, Effect.NOTHING)),
  FORGOTTEN_IS_NEVER(
      "what was dropped from a row's past counts as never held",
      register("RegisterRow", "held", "Timestamp.isAfter", 0, Effect.ONE)),
  REPLACE_UNCHOSEN(
      "a condition is evaluated on a version that is on no quorum",
      register("Register$ConditionalWrite", "evaluate", "Round.quorum", 0, Effect.ONE)),
  EARLY_412(
      "412 before the version that refuses is on a quorum",
      register(
          "Register$ConditionalWrite",
          "evaluate",
          "Register$ConditionalWrite.settle",
          1,
          Effect.ONE)),
  PREPARE_ANSWERS(
      "a slow read answers after its prepare",
      register("Register", "slowRead", "Register.writeBack", 0, Effect.ONE)),
  AGREE_BY_ID(
      "replicas agree though they accepted a version at different ballots",
      register("RegisterReply$State", "agreesWith", "Timestamp.equals", 0, Effect.ONE)),
  STRANGE_BODY(
      "a version is shown with whatever body a replica has",
      register("Register", "bodyFrom", "Timestamp.equals", 0, Effect.ONE)),
  COLLECT_WITHOUT_ALL(
      "a tombstone is collected though a replica does not confirm it",
      register("Collecting", "confirmed", "Set.size", 0, Effect.NOTHING),
      register("Collecting", "confirmed", "Stream.allMatch", 0, Effect.ONE)),
  COLLECT_WITHOUT_FLOOR(
      "a collected tombstone leaves no floor",
      register("RegisterReplica", "collect", "Timestamp.max", 0, Effect.RECEIVER)),
  CONDITION_IGNORED(
      "a conditional write does not ask its condition",
      register("Register$ConditionalWrite", "evaluate", "Condition.holds", 0, Effect.ONE)),
  DOOR_OVERLOOKED(
      "a node that hears that a bucket is deleted goes on with what it knows of its name",
      new Patch(
          "garage.model.bucket.Buckets",
          "isDoubtful",
          "DoorSightings.isDoubtful",
          0,
          Effect.NOTHING)),
  TABLE_WRITE_NONE(
      "a row of a table is acknowledged before any replica has it",
      new Patch("garage.table.Table$Asked", "reached", "Replicas.writeReached", 0, Effect.ONE)),
  TABLE_READ_NONE(
      "a row of a table is read from no replica",
      new Patch("garage.table.Table$Asked", "reached", "Replicas.readReached", 0, Effect.ONE)),
  LIST_MISSES_A_PAGE(
      "a listing takes a node's first page for all it has",
      register("RegisterScan$Cursor", "load", "RegisterScan$Page.next", 0, Effect.NOTHING)),
  LIST_FIRST_COPY(
      "a listing shows the first copy of a row that it got",
      register("RegisterScan$Cursor", "settled", "Timestamp.isAfter", 0, Effect.NOTHING),
      register("RegisterScan$Cursor", "settled", "RegisterScan$Cursor.agree", 0, Effect.ONE)),
  PENDING_DATA_DROPPED(
      "after a crash the data of acknowledged objects is given back",
      model("PendingDataRecovery", "isReferenced", "Objects.any", -1, Effect.NOTHING),
      model("PendingDataRecovery", "mayBeHeld", "Objects.isHeld", -1, Effect.NOTHING)),
  TRIGGER_LOST(
      "the data of an overwritten object is not given back",
      model("ObjectSchema", "onChange", "ReleaseQueue.add", 0, Effect.NOTHING)),
  COUNTED_TWICE(
      "an object that is overwritten is counted once more",
      model("ObjectSchema", "onChange", "ObjectSchema$Tally.add", 1, Effect.NOTHING)),
  REFERENCE_FORGOTTEN(
      "a block is stored without its reference",
      block("BlockStore", "putNew", "BlockStore.add", 0, Effect.NOTHING)),
  COUNT_NOT_READ_AGAIN(
      "a block is deleted without looking whether it is needed again",
      block("Collector", "collectOne", "ReferenceRows.needed", 0, Effect.NOTHING)),
  RELEASE_IGNORED(
      "a block's reference is never taken back",
      block("BlockStore", "release", "ReferenceRows.apply", 0, Effect.NOTHING)),
  FRAME_UNCHECKED(
      "a frame of a block is served without its checksum",
      block("disk.FrameReader", "readFrame", "FrameReader.check", 0, Effect.NOTHING)),
  BLOCK_NAME_UNSYNCED(
      "a new block's directory is not synced",
      block("disk.BlockFiles", "write", "LeafNames.sync", 0, Effect.NOTHING)),
  INTACT_UNCHECKED(
      "a block that is there is used again without looking whether it is whole",
      block("BlockStore", "putStored", "BlockFiles.intact", 0, Effect.ONE)),
  HASH_UNCHECKED(
      "a file or bytes from a peer are taken for a block whatever their hash",
      block("disk.BlockHead", "sized", "Hash.equals", 0, Effect.ONE),
      block("BlockFetch", "read", "Hash.equals", 0, Effect.ONE),
      block("BlockService", "put", "Hash.equals", 0, Effect.ONE)),
  EXPIRES_EARLY(
      "an object expires before its time",
      lifecycle("Lifecycle$Moment", "isPast", "Instant.isAfter", 0, Effect.NOTHING)),
  UPLOADS_STAY(
      "an upload that nobody goes on with is never given up",
      lifecycle("Errand", "uploads", "Lifecycle.abortsUpload", 0, Effect.NOTHING)),
  OLD_VERSIONS_STAY(
      "versions that are old enough are not removed",
      lifecycle("Lifecycle", "removes", "Lifecycle.any", 0, Effect.NOTHING)),
  FAILURE_IGNORED(
      "a batch is acknowledged though the disk failed",
      new Patch(
          "garage.db.memory.MemoryStore", "breakDown", "MemoryStore.failed", -1, Effect.NOTHING)),
  MEMORY_KEPT(
      "the memory of a block that was written is not given back",
      block("PutMemory", "close", "BlockBuffer.close", 0, Effect.NOTHING));

  private final String what;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of, of records
  private final List<Patch> patches;

  PlantedBug(String what, Patch... patches) {
    this.what = what;
    this.patches = List.of(patches);
  }

  /** The bug, in words. */
  public String what() {
    return what;
  }

  /** What {@link Awake} knows it by. */
  int number() {
    return List.of(values()).indexOf(this);
  }

  /** Where a bug shows. */
  public enum Shows {
    /** Where clients race for a key. */
    RACES,
    /** Where the keys of one object have other replicas each. */
    SEVERAL_SETS,
    /** Where a replica is away for a while. */
    ABSENCE,
    /** Where the delays of deletion pass, or power is lost. */
    DELAYS,
    /** Where files rot. */
    SPOILT_FILES,
    /** Where operators and lifecycles work, and metadata fails. */
    UPKEEP
  }

  /** Where it shows. */
  public Shows shows() {
    return switch (this) {
      case TABLE_WRITE_NONE, TABLE_READ_NONE, LIST_FIRST_COPY -> Shows.SEVERAL_SETS;
      case COLLECT_WITHOUT_ALL, LIST_MISSES_A_PAGE, DOOR_OVERLOOKED -> Shows.ABSENCE;
      case PENDING_DATA_DROPPED,
          TRIGGER_LOST,
          COUNTED_TWICE,
          REFERENCE_FORGOTTEN,
          COUNT_NOT_READ_AGAIN,
          RELEASE_IGNORED,
          BLOCK_NAME_UNSYNCED ->
          Shows.DELAYS;
      case FRAME_UNCHECKED, INTACT_UNCHECKED, HASH_UNCHECKED -> Shows.SPOILT_FILES;
      case EXPIRES_EARLY, UPLOADS_STAY, OLD_VERSIONS_STAY, FAILURE_IGNORED, MEMORY_KEPT ->
          Shows.UPKEEP;
      default -> Shows.RACES;
    };
  }

  /** A loader of this project's classes with all the bugs in them, asleep. */
  public static ClassLoader loader() {
    Map<Patch, Integer> numbers = new LinkedHashMap<>();
    for (PlantedBug bug : values()) {
      bug.patches.forEach(patch -> numbers.put(patch, bug.number()));
    }
    PlantingLoader loader = new PlantingLoader(numbers);
    try {
      loader.apply();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("a bug is planted in a class that is gone", e);
    }
    return loader;
  }

  private static Patch register(
      String type, String method, String callee, int occurrence, Effect effect) {
    return new Patch("garage.table.register." + type, method, callee, occurrence, effect);
  }

  private static Patch model(
      String type, String method, String callee, int occurrence, Effect effect) {
    return new Patch("garage.model.object." + type, method, callee, occurrence, effect);
  }

  private static Patch lifecycle(
      String type, String method, String callee, int occurrence, Effect effect) {
    return new Patch("garage.model.lifecycle." + type, method, callee, occurrence, effect);
  }

  private static Patch block(
      String type, String method, String callee, int occurrence, Effect effect) {
    return new Patch("garage.block." + type, method, callee, occurrence, effect);
  }
}
