-- Features per user and week: what the most active users did in each of the last weeks.
--
-- A row stamped T holds the payments of [T - 7 days, T). So rows whose stamps lie seven days apart, counted back from the
-- newest stamp, are weeks that neither overlap nor leave a gap. A week without payments has no row.
--
-- Parameters: weeks, in the first block; how many users: the number after LIMIT.
-- Run: ./larder sql --file trino/queries/features_per_user_and_week.sql      elsewhere first: USE lakehouse.banking
WITH parameters AS (
    SELECT 4 AS weeks
),
newest AS (
    SELECT max(event_timestamp) AS stamp
    FROM features_transactions_last_week
),
weekly AS (
    SELECT f.*
    FROM features_transactions_last_week f
    CROSS JOIN newest
    CROSS JOIN parameters
    WHERE f.event_timestamp > newest.stamp - parameters.weeks * INTERVAL '7' DAY
      AND date_diff('day', f.event_timestamp, newest.stamp) % 7 = 0
      AND f.num_transactions_l1w > 0
),
most_active AS (
    SELECT user_id
    FROM weekly
    GROUP BY user_id
    ORDER BY sum(num_transactions_l1w) DESC, user_id
    LIMIT 20
)
SELECT
    user_id,
    day - INTERVAL '6' DAY AS first_day,
    day AS last_day,
    num_transactions_l1w,
    total_amount_l1w,
    avg_amount_l1w,
    max_amount_l1w,
    num_vendors_l1w
FROM weekly
WHERE user_id IN (SELECT user_id FROM most_active)
ORDER BY user_id, last_day
