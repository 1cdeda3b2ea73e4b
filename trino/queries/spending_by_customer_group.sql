-- Joins with customers: the newest features of all customers by place and age, from the source database as it is now.
--
-- Catalog source is the application's PostgreSQL. Customers who have not paid anything in the last week count too.
--
-- Parameter: what to group by; change the two columns and the GROUP BY below.
-- Run: ./larder sql --file trino/queries/spending_by_customer_group.sql      elsewhere first: USE lakehouse.banking
WITH newest AS (
    SELECT user_id, num_transactions_l1w, CAST(total_amount_l1w AS decimal(14, 2)) AS amount
    FROM features_transactions_last_week
    WHERE event_timestamp = (SELECT max(event_timestamp) FROM features_transactions_last_week)
)
SELECT
    c.location,
    c.age / 10 * 10 AS age_from,
    count(*) AS customers,
    count_if(n.num_transactions_l1w > 0) AS with_payments,
    coalesce(sum(n.num_transactions_l1w), 0) AS payments,
    coalesce(sum(n.amount), 0) AS amount,
    CAST(sum(n.amount) / nullif(count_if(n.num_transactions_l1w > 0), 0) AS decimal(14, 2)) AS amount_of_each
FROM source.public.customers c
LEFT JOIN newest n ON n.user_id = c.user_id
GROUP BY 1, 2
ORDER BY amount DESC, location, age_from
