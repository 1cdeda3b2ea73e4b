-- Files per partition: how many files a day of features lies in, and how large they are.
--
-- A day is written as a whole, so one file a day is normal; many small ones would make reading slow.
--
-- Parameters: none; features_customer_demographics$partitions is the other view's.
-- Run: ./larder sql --file trino/queries/files_per_partition.sql      elsewhere first: USE lakehouse.banking
SELECT
    partition.day AS day,
    file_count AS files,
    record_count AS feature_rows,
    total_size AS bytes,
    total_size / file_count AS bytes_of_each_file
FROM "features_transactions_last_week$partitions"
ORDER BY day DESC
