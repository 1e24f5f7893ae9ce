package garage.model.object;

import garage.common.env.Deadline;
import garage.common.error.GarageException;
import garage.common.time.Timestamp;
import garage.table.Table;
import garage.table.register.Dating;
import java.util.function.Predicate;

/**
 * The dates of a key's versions, which are their ids and the order of a listing. A version that is
 * dated anew gets another id; under the one before, which some replica may have, it is said to be
 * removed. The version without an id needs no such word: of its states the latest counts.
 *
 * @param permit is asked before a version of that id is sent to any replica
 */
record VersionDating(Objects.Target to, Table<VersionRow> rows, Predicate<VersionId> permit)
    implements Dating<ObjectState> {
  @Override
  public ObjectState dated(ObjectState state, Timestamp date) {
    return switch (state) {
      case ObjectState.Absent absent -> absent;
      case ObjectState.Present present -> {
        ObjectState.Present dated =
            new ObjectState.Present(present.versioning(), date, present.version());
        if (!permit.test(dated.id(date))) {
          throw new GarageException.QuorumNotReached("the outcome of the write is unknown");
        }
        yield dated;
      }
    };
  }

  @Override
  public Timestamp dateOf(ObjectState state, Timestamp id) {
    return state instanceof ObjectState.Present present ? present.writtenAt(id) : id;
  }

  @Override
  public void disown(Timestamp date, Deadline deadline) {
    if (to.versioning() == Versioning.ENABLED) {
      rows.insert(VersionRow.renamed(to.key(), new VersionId(date), date), deadline);
    }
  }
}
