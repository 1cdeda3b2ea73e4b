package dev.larder.registry;

import java.util.List;
import java.util.stream.Stream;

/**
 * A way to break {@link ShopRepository#DEFINITIONS}, and the lines that must be reported, all of them.
 *
 * @param schemaSees whether the JSON Schema refuses it as well; it cannot know what names refer to
 */
record Mistake(String from, String to, String line, boolean schemaSees) {

    static Stream<Mistake> all() {
        return MISTAKES.stream();
    }

    String broken() {
        return ShopRepository.DEFINITIONS.replace(from, to);
    }

    private static Mistake seen(String from, String to, String... line) {
        return new Mistake(from, to, String.join("", line), true);
    }

    private static Mistake unseen(String from, String to, String... line) {
        return new Mistake(from, to, String.join("", line), false);
    }

    private static final String COLUMNS = "allowed: order_id, user_id, amount, shop, gift, at";

    private static final List<Mistake> MISTAKES = List.of(
            seen(
                    "kind: Entity",
                    "kind: Entty",
                    "1: unknown kind 'Entty' (did you mean 'Entity'? allowed: Entity, DataSource, FeatureView, FeatureService)"),
            seen(
                    "kind: Entity\n",
                    "",
                    "1: document: 'kind' is missing (expected: one of Entity, DataSource, FeatureView, FeatureService)"),
            seen(
                    "join_key: user_id",
                    "joinkey: user_id",
                    "1: Entity 'user': 'join_key' is missing (expected: a name such as user_id)\n",
                    "definitions.yaml:3: unknown key 'joinkey' in Entity 'user' (did you mean 'join_key'? allowed: kind, name, join_key, value_type, description, tags, owner)"),
            seen(
                    "value_type: Int64",
                    "value_type: int64",
                    "4: value_type: 'int64' cannot be a join key's type (did you mean 'Int64'? allowed: Int32, Int64, String)"),
            seen("tags: {team: core}", "tags: {team: 7}", "5: team: is a number (expected: text; put it in quotes)"),
            seen("tags: {team: core}", "tags: core", "5: tags: is text (expected: a mapping of keys to values)"),
            seen(
                    "name: user\n",
                    "name: 1user\n",
                    "2: name: '1user' is no usable name (expected: letters, digits and '_', no digit first)\n",
                    "definitions.yaml:35: unknown entity 'user' (none is defined yet)\n",
                    "definitions.yaml:47: unknown entity 'user' (none is defined yet)"),
            unseen(
                    "join_key: user_id",
                    "join_key: day",
                    "3: join_key: 'day' is a column that every feature table already has (expected: another name than event_timestamp, created, is_deleted, day)\n",
                    "definitions.yaml:35: entity 'user' has the join key 'day', but source 'orders' has no such column (its columns: order_id, user_id, amount, shop, gift, at)\n",
                    "definitions.yaml:47: entity 'user' has the join key 'day', but source 'users' has no such column (its columns: user_id, city)"),
            seen(
                    "type: cdc\ntable: public.orders",
                    "type: file\ntable: public.orders",
                    "9: type: 'file' is not supported (supported so far: cdc)"),
            seen(
                    "public.orders",
                    "orders",
                    "10: table: 'orders' is not schema.table (expected: for example public.orders)"),
            seen(
                    "mode: facts",
                    "mode: fact",
                    "11: mode: unknown mode 'fact' (did you mean 'facts'? allowed: facts, state)"),
            seen(
                    "event_time: at\n",
                    "",
                    "7: DataSource 'orders': 'event_time' is missing (expected: the column that says when it happened; only mode: state may leave it out)"),
            unseen(
                    "event_time: at",
                    "event_time: att",
                    "13: event_time: unknown column 'att' (did you mean 'at'? " + COLUMNS + ")"),
            unseen(
                    "event_time: at",
                    "event_time: shop",
                    "13: event_time: column 'shop' is a String (expected: a Timestamp or Date)"),
            unseen("[order_id]", "[id]", "12: primary_key: unknown column 'id' (" + COLUMNS + ")"),
            seen("[order_id]", "[]", "12: primary_key: is empty (expected: at least one column)"),
            seen("[order_id]", "order_id", "12: primary_key: is text (expected: a list in [ ])"),
            seen(
                    "{name: shop, type: String}",
                    "{name: shop, type: Text}",
                    "18: type: unknown column type 'Text' (allowed: Int32, Int64, Float32, Float64, Decimal, String, Bool, Date, Timestamp)"),
            seen(
                    "{name: amount, type: Decimal, scale: 2}",
                    "{name: amount, type: Decimal}",
                    "17: column 'amount': 'scale' is missing (expected: digits after the point, for example 2 for numeric(12,2))"),
            seen("scale: 2", "scale: 99", "17: scale: 99 (expected: 0 to 38)"),
            seen("scale: 2", "scale: \"2\"", "17: scale: is text (expected: a whole number without quotes)"),
            unseen(
                    "{name: gift, type: Bool}",
                    "{name: Shop, type: Bool}",
                    "19: column 'Shop' is already on line 18 (expected: once)"),
            unseen(
                    "entities: [user]\nsource: orders",
                    "entities: [usr]\nsource: orders",
                    "35: unknown entity 'usr' (did you mean 'user'? allowed: user)"),
            unseen(
                    "source: users",
                    "source: user",
                    "48: unknown source 'user' (did you mean 'users'? allowed: orders, users)"),
            seen(
                    "function: count,",
                    "function: cont,",
                    "38: unknown function 'cont' (did you mean 'count'? allowed: count, sum, avg, min, max, count_distinct)"),
            seen(
                    "function: sum, column: amount",
                    "function: sum",
                    "39: aggregation 'total': 'column' is missing (expected: the source's column that sum reads)"),
            unseen(
                    "column: amount",
                    "column: amnt",
                    "39: source 'orders' has no column 'amnt' (did you mean 'amount'? " + COLUMNS + ")"),
            unseen(
                    "column: amount",
                    "column: shop",
                    "39: sum cannot be taken of column 'shop', which is String (expected: a column of type Int32, Int64, Float32, Float64, Decimal)"),
            unseen(
                    "function: sum, column: amount",
                    "function: max, column: gift",
                    "39: max cannot be taken of column 'gift', which is Bool (expected: a column of type Int32, Int64, Float32, Float64, Decimal, String, Date, Timestamp)"),
            unseen(
                    "type: Int64, desc",
                    "type: Float32, desc",
                    "38: type: Float32 does not fit count (expected: Int64 or Int32)"),
            unseen(
                    "36h, type: Float64",
                    "36h, type: Int64",
                    "39: type: Int64 does not fit sum of a Decimal (expected: Decimal or Float32 or Float64)"),
            seen(
                    "type: Float64",
                    "type: Double",
                    "39: type: unknown type 'Double' (allowed: Int32, Int64, Float32, Float64, Decimal, String, Bool, UnixTimestamp)"),
            seen(
                    "window: 36h",
                    "window: week",
                    "39: window: 'week' is not a rolling window, the only kind so far (expected: a duration such as 7d, 12h, 30m or 45s)"),
            seen("window: 36h", "window: 0h", "39: window: '0h' is empty (expected: more than zero, for example 7d)"),
            seen(
                    "name: total,",
                    "name: day-total,",
                    "39: name: 'day-total' is no usable name (expected: letters, digits and '_', no digit first)"),
            unseen(
                    "name: total,",
                    "name: N,",
                    "39: name: 'N' is already a feature of FeatureView 'orders_7d', on line 38 (expected: names that differ)"),
            unseen(
                    "name: n,",
                    "name: user_id,",
                    "38: name: 'user_id' is a join key of the view (expected: another name)"),
            seen(
                    "every: 12h",
                    "every: event",
                    "40: every: 'event' is not supported so far (expected: 1d, or a part of a day such as 1h)"),
            unseen(
                    "every: 12h",
                    "every: 7h",
                    "40: every: '7h' neither is whole days nor divides a day (expected: for example 1d, 7d, 12h, 1h or 15m)"),
            seen(
                    "every: 12h",
                    "every: 12",
                    "40: every: '12' is not a duration (expected: a duration such as 7d, 12h, 30m or 45s)"),
            unseen(
                    "Europe/Berlin",
                    "Europe/Berln",
                    "41: zone: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)"),
            seen(
                    "10m",
                    "10 minutes",
                    "42: available_after: '10 minutes' is not a duration (expected: a duration such as 7d, 12h, 30m or 45s)"),
            unseen(
                    "mode: facts",
                    "mode: state",
                    "37: aggregations: source 'orders' is mode state (expected: a source of mode facts, or 'features' instead)"),
            unseen(
                    "source: users",
                    "source: orders",
                    "49: features: source 'orders' is mode facts (expected: a source of mode state, or 'aggregations' instead)\n",
                    "definitions.yaml:50: source 'orders' has no column 'city' (" + COLUMNS + ")"),
            seen(
                    "ttl: 30d",
                    "every: 1d",
                    "51: every: a view over states has a row per version, no stamps (expected: 'every' with 'aggregations' only)"),
            seen("online: false", "online: \"no\"", "52: online: is text (expected: true or false)"),
            unseen(
                    "city, type: String}\nttl",
                    "city, type: Bool}\nttl",
                    "50: type: Bool does not fit a column of type String (expected: String)"),
            seen(
                    "tags: {tier: gold}",
                    "tags: {larder.tier: gold}",
                    "53: tag 'larder.tier' (expected: a name that does not start with larder.)"),
            unseen(
                    "view: user_facts",
                    "view: user_fact",
                    "63: unknown feature view 'user_fact' (did you mean 'user_facts'? allowed: orders_7d, user_facts)"),
            unseen(
                    "[total]",
                    "[totl]",
                    "60: view 'orders_7d' has no feature 'totl' (did you mean 'total'? allowed: n, total)"),
            unseen(
                    "{user_id: sender_id}",
                    "{id: sender_id}",
                    "62: view 'orders_7d' has no join key 'id' (allowed: user_id)"),
            unseen(
                    "view: user_facts",
                    "view: orders_7d\n    alias: sent",
                    "63: view 'sent' is already in the service (expected: once, or under another 'alias')"),
            unseen(
                    "name: users\n",
                    "name: orders_7d_lake\n",
                    "22: source 'orders_7d_lake' has the name of the table of feature view 'orders_7d' (expected: another name)\n",
                    "definitions.yaml:48: unknown source 'users' (allowed: orders, orders_7d_lake)"),
            unseen(
                    "name: users\n",
                    "name: Orders\n",
                    "22: source 'Orders' is already defined in definitions.yaml:7 as 'orders' (expected: one definition per name)\n",
                    "definitions.yaml:48: unknown source 'users' (allowed: orders)"));
}
