create table customers_audit (
    seq bigserial primary key, op char(1), at timestamptz default clock_timestamp(),
    user_id bigint, age int, gender text, location text, occupation text, day_start date
);
create function audit_customers() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        insert into customers_audit (op, user_id) values ('D', old.user_id);
    else
        insert into customers_audit (op, user_id, age, gender, location, occupation, day_start)
        values (left(tg_op, 1), new.user_id, new.age, new.gender, new.location, new.occupation, new.day_start);
    end if;
    return null;
end $$;
create trigger audit_customers after insert or update or delete on customers
    for each row execute function audit_customers();
