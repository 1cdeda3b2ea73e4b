-- What each asked row must show of transactions_last_week, straight from the source table.
-- asked(row_id, user_id, at); the newest stamp at or before `at` decides, but none after :last_stamp exists.
with stamped as (
    select row_id, user_id,
           least(date_trunc('day', at at time zone 'UTC'), cast(? as timestamptz) at time zone 'UTC') at time zone 'UTC' as stamp
    from asked
)
select s.row_id,
       case when w.n > 0 or h.seen then w.n end as num_transactions_l1w,
       w.total as total_amount_l1w,
       w.mean as avg_amount_l1w,
       w.least as min_amount_l1w,
       w.most as max_amount_l1w,
       case when w.n > 0 or h.seen then w.vendors end as num_vendors_l1w,
       case when w.n > 0 or h.seen then w.sources end as num_sources_l1w,
       case when w.n > 0 then s.stamp
            when h.seen then date_trunc('day', (h.latest + interval '7 days') at time zone 'UTC') at time zone 'UTC' + interval '1 day'
       end as row_stamp
from stamped s
cross join lateral (
    select count(*) as n, sum(amount)::real as total, avg(amount)::real as mean, min(amount)::real as least,
           max(amount)::real as most, count(distinct vendor) as vendors, count(distinct source) as sources
    from transactions x
    where x.user_id = s.user_id and x.time >= s.stamp - interval '7 days' and x.time < s.stamp
) w
cross join lateral (
    select count(*) > 0 as seen, max(x.time) as latest
    from transactions x
    where x.user_id = s.user_id and x.time < s.stamp - interval '7 days'
) h
order by s.row_id
