package garage.db;

/**
 * What a store committed since it was opened.
 *
 * @param batches the batches that were committed
 * @param groups the writes they were merged into
 * @param syncs how often the log was synced
 */
public record CommitStatistics(long batches, long groups, long syncs) {}
