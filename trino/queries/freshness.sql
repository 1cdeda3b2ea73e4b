-- Freshness per view: how far the features reach, and when they were last changed.
--
-- newest_stamp: of a view with windows the time up to which it knows the source, of a view that follows its source's versions
-- (customer_demographics) the last change of any of its rows. hours_behind: from the newest stamp until now; NULL where the
-- newest stamp is only the last change, since a source in which nothing happens is not behind: look at last_commit there.
-- feature_rows: without the deletions, which are rows that end a user's state; users: with features at some time.
-- last_change: when a row last got another value. last_commit: when the table was last written.
--
-- Parameters: none; add a block for each view of yours.
-- Run: ./larder sql --file trino/queries/freshness.sql      elsewhere first: USE lakehouse.banking
SELECT
    'transactions_last_week' AS feature_view,
    count(*) AS feature_rows,
    0 AS deletions,
    count(DISTINCT user_id) AS users,
    min(event_timestamp) AS oldest_stamp,
    max(event_timestamp) AS newest_stamp,
    max(created) AS last_change,
    (SELECT max(committed_at) FROM "features_transactions_last_week$snapshots") AS last_commit,
    round(date_diff('second', max(event_timestamp), current_timestamp) / 3600e0, 1) AS hours_behind
FROM features_transactions_last_week
UNION ALL
SELECT
    'customer_demographics',
    count_if(NOT is_deleted),
    count_if(is_deleted),
    count(DISTINCT user_id) FILTER (WHERE NOT is_deleted),
    min(event_timestamp),
    max(event_timestamp),
    max(created),
    (SELECT max(committed_at) FROM "features_customer_demographics$snapshots"),
    NULL
FROM features_customer_demographics
ORDER BY feature_view
