-- Time travel: the versions that the feature table has had, newest first, and for each the statement that goes back to it.
--
-- Each commit of larder made one version. Its statement shows the rows that this version had and today's table has not, as they
-- were then: what was corrected, in any feature, or taken away since. Copy it into larder sql '...', or read a whole version:
--     SELECT * FROM features_transactions_last_week FOR VERSION AS OF 4711
--     SELECT * FROM features_transactions_last_week FOR TIMESTAMP AS OF TIMESTAMP '2026-11-15 06:00 UTC'
-- Trino wants a constant there, so no query can find the version and travel to it at once.
--
-- Parameters: which columns are compared, in the first block; how many versions: the number after LIMIT.
-- Run: ./larder sql --file trino/queries/time_travel.sql      elsewhere first: USE lakehouse.banking
WITH compared AS (
    SELECT
        'user_id, event_timestamp, num_transactions_l1w, total_amount_l1w, avg_amount_l1w, min_amount_l1w, max_amount_l1w,'
            || ' num_vendors_l1w, num_sources_l1w' AS columns
)
SELECT
    committed_at,
    snapshot_id,
    operation,
    CAST(coalesce(element_at(summary, 'added-records'), '0') AS bigint) AS rows_added,
    CAST(coalesce(element_at(summary, 'deleted-records'), '0') AS bigint) AS rows_removed,
    element_at(summary, 'larder.interval') AS stamps,
    'SELECT ' || compared.columns
        || ' FROM features_transactions_last_week FOR VERSION AS OF ' || CAST(snapshot_id AS varchar)
        || ' EXCEPT SELECT ' || compared.columns
        || ' FROM features_transactions_last_week'
        || ' ORDER BY event_timestamp, user_id' AS statement
FROM "features_transactions_last_week$snapshots"
CROSS JOIN compared
ORDER BY committed_at DESC, snapshot_id
LIMIT 20
