package garage.model.object;

import garage.common.env.Deadline;
import garage.common.time.Timestamp;
import garage.table.Table;
import garage.table.register.Dating;

/**
 * The dates of a key's versions, which are their ids and the order of a listing. A version that is
 * dated anew gets another id; under the one before, which some replica may have, it is said to be
 * removed. The version without an id needs no such word: of its states the latest counts.
 */
record VersionDating(Objects.Target to, Table<VersionRow> rows) implements Dating<ObjectState> {
  @Override
  public ObjectState dated(ObjectState state, Timestamp date) {
    return switch (state) {
      case ObjectState.Absent absent -> absent;
      case ObjectState.Present present ->
          new ObjectState.Present(present.versioning(), date, present.version());
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
