-- What each asked row must show of customer_demographics, from the audit table that a trigger fills.
-- A version counts from its day_start, a delete from its own time unless a later version reaches back to it.
with version as (
    select seq, op, user_id, age, gender, location, occupation,
           case when op = 'D' then at else day_start::timestamp at time zone 'UTC' end as stamp
    from customers_audit
),
valid as (
    select * from version v
    where not (v.op = 'D' and exists (
        select 1 from version l where l.user_id = v.user_id and l.seq > v.seq and l.op <> 'D' and l.stamp <= v.stamp))
)
select a.row_id, v.op, v.age, v.gender, v.location, v.occupation, v.stamp as row_stamp
from asked a
left join lateral (
    select * from valid v where v.user_id = a.user_id and v.stamp <= a.at order by v.stamp desc, v.seq desc limit 1
) v on true
order by a.row_id
