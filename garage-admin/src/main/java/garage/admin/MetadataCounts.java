package garage.admin;

import java.util.SortedMap;

/** What is counted of this node's metadata store. */
public interface MetadataCounts {
  /** Rows of each table, estimated. */
  SortedMap<String, Long> rows();

  /** Changes committed since the start. */
  long batches();

  /** Syncs of the log since the start. */
  long syncs();
}
