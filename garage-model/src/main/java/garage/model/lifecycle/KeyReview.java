package garage.model.lifecycle;

import garage.model.object.ObjectVersion;
import garage.model.object.VersionId;
import garage.model.object.VersionReview;
import java.util.LinkedHashSet;
import java.util.Set;

/** Says what is due of one key, when all its versions were shown. */
final class KeyReview implements VersionReview {
  /** Versions that go in one step; if there are more, another review finds them. */
  static final int REMOVED_MAX = 256;

  private final Lifecycle lifecycle;
  private final Lifecycle.Moment moment;
  private final String key;
  private final Set<VersionId> old = new LinkedHashSet<>();
  private final Set<VersionId> marker = new LinkedHashSet<>();
  private boolean expires;
  private int others;

  /** When the version was written that was shown before; negative before the first. */
  private long newerMillis = -1;

  KeyReview(Lifecycle lifecycle, Lifecycle.Moment moment, String key) {
    this.lifecycle = lifecycle;
    this.moment = moment;
    this.key = key;
  }

  @Override
  public void show(VersionId id, ObjectVersion version, boolean present) {
    if (present) {
      switch (version) {
        case ObjectVersion.Stored object -> expires = lifecycle.expires(key, object, moment);
        case ObjectVersion.DeleteMarker(String _, long at) -> {
          if (lifecycle.removesMarker(key, at, moment)) {
            marker.add(id);
          }
        }
      }
    } else {
      var candidate = new Lifecycle.Old(key, version, newerMillis, others++);
      boolean superseded = newerMillis >= 0;
      if (superseded && old.size() < REMOVED_MAX && lifecycle.removes(candidate, moment)) {
        old.add(id);
      }
    }
    newerMillis = version.modifiedMillis();
  }

  /** Whether the present version is an object that has expired. */
  boolean presentExpires() {
    return expires;
  }

  /** A deletion goes with the last version it hides, and never before: that would be back. */
  @Override
  public Set<VersionId> chosen() {
    Set<VersionId> all = new LinkedHashSet<>(old);
    if (old.size() == others) {
      all.addAll(marker);
    }
    return all;
  }
}
