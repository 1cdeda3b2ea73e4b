-- One user's history: the features at each stamp, how the count differs from the stamp before, and where the user lived by then.
--
-- more_than_before: payments that came into the seven days since the stamp before, less those that left them.
-- The place comes from the newest row of features_customer_demographics at or before the stamp, as in a training set.
--
-- Parameter: user_id, in the first block (NULL: the user with the most payments).
-- Run: ./larder sql --file trino/queries/user_history.sql      elsewhere first: USE lakehouse.banking
WITH parameters AS (
    SELECT CAST(NULL AS bigint) AS user_id -- for instance BIGINT '42'
),
most_active AS (
    SELECT user_id
    FROM features_transactions_last_week
    GROUP BY user_id
    ORDER BY sum(num_transactions_l1w) DESC, user_id
    LIMIT 1
),
chosen AS (
    SELECT coalesce(p.user_id, m.user_id) AS user_id
    FROM parameters p
    CROSS JOIN most_active m
),
demographics AS (
    SELECT
        location,
        occupation,
        event_timestamp AS valid_from,
        lead(event_timestamp) OVER (ORDER BY event_timestamp, created) AS valid_to
    FROM features_customer_demographics
    WHERE user_id = (SELECT user_id FROM chosen)
)
SELECT
    f.user_id,
    f.event_timestamp,
    f.num_transactions_l1w,
    f.num_transactions_l1w - lag(f.num_transactions_l1w, 1, 0) OVER (ORDER BY f.event_timestamp) AS more_than_before,
    f.total_amount_l1w,
    f.num_vendors_l1w,
    d.location,
    d.occupation
FROM features_transactions_last_week f
LEFT JOIN demographics d
    ON d.valid_from <= f.event_timestamp AND (d.valid_to IS NULL OR d.valid_to > f.event_timestamp)
WHERE f.user_id = (SELECT user_id FROM chosen)
ORDER BY f.event_timestamp
