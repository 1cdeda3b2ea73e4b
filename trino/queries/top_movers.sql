-- Top movers: whose spending changed most between the week before the newest stamp and the week before that one.
--
-- A user without a row at one of the two stamps spent nothing in that week.
--
-- Parameters: newest_stamp and apart, in the first block (NULL: the newest one there is); how many users: the number after
-- LIMIT.
-- Run: ./larder sql --file trino/queries/top_movers.sql      elsewhere first: USE lakehouse.banking
WITH parameters AS (
    SELECT
        CAST(NULL AS timestamp(6) with time zone) AS newest_stamp, -- for instance TIMESTAMP '2026-11-15 00:00 UTC'
        INTERVAL '7' DAY AS apart
),
stamps AS (
    SELECT
        coalesce(max(p.newest_stamp), max(f.event_timestamp)) AS now,
        coalesce(max(p.newest_stamp), max(f.event_timestamp)) - max(p.apart) AS before
    FROM features_transactions_last_week f
    CROSS JOIN parameters p
),
now AS (
    SELECT user_id, num_transactions_l1w AS num, CAST(total_amount_l1w AS decimal(14, 2)) AS amount
    FROM features_transactions_last_week
    WHERE event_timestamp = (SELECT now FROM stamps)
),
before AS (
    SELECT user_id, num_transactions_l1w AS num, CAST(total_amount_l1w AS decimal(14, 2)) AS amount
    FROM features_transactions_last_week
    WHERE event_timestamp = (SELECT before FROM stamps)
)
SELECT
    user_id,
    coalesce(before.amount, 0) AS amount_before,
    coalesce(now.amount, 0) AS amount_now,
    coalesce(now.amount, 0) - coalesce(before.amount, 0) AS change,
    coalesce(before.num, 0) AS transactions_before,
    coalesce(now.num, 0) AS transactions_now
FROM now
FULL JOIN before USING (user_id)
WHERE coalesce(now.amount, 0) <> coalesce(before.amount, 0)
ORDER BY abs(coalesce(now.amount, 0) - coalesce(before.amount, 0)) DESC, user_id
LIMIT 20
