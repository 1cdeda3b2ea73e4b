"""Feast's own SDK on the Redis that the store under test has written: reads it, writes a few rows, reads them again."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Int64

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def feature_store(folder, address):
    folder.joinpath("feature_store.yaml").write_text(
        "project: banking\n"
        "provider: local\n"
        f"registry: {folder}/registry.db\n"
        f"online_store: {{type: redis, connection_string: \"{address}\"}}\n"
        "offline_store: {type: dask}\n"
        "entity_key_serialization_version: 3\n"
    )
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
    source = FileSource(path=str(folder / "absent.parquet"), timestamp_field="event_timestamp")
    views = [
        FeatureView(
            name=name,
            entities=[user],
            schema=[Field(name=f, dtype=Int64) for f in ("count", "total")] + [Field(name="user_id", dtype=Int64)],
            source=source,
            ttl=timedelta(0),
        )
        for name in ("week", "day")
    ]
    store = FeatureStore(str(folder))
    store.apply([user, source, *views])
    return store


def read(store, users):
    response = store.get_online_features(
        features=[f"{view}:{feature}" for view in ("week", "day") for feature in ("count", "total")],
        entity_rows=[{"user_id": user} for user in users],
        full_feature_names=True,
    ).proto
    names = list(response.metadata.feature_names.val)
    return {
        user: {
            name: [
                result.values[row].int64_val if result.values[row].WhichOneof("val") else None,
                result.event_timestamps[row].ToMicroseconds(),
            ]
            for name, result in zip(names, response.results)
            if name != "user_id"
        }
        for row, user in enumerate(users)
    }


def write(store, user, time, value):
    row = {"user_id": [user], "count": [value], "total": [value], "event_timestamp": [time], "created": [time]}
    store.write_to_online_store("week", df=pandas.DataFrame(row))


def main():
    store = feature_store(Path(sys.argv[1]), sys.argv[2])
    before = read(store, [1, 2, 3])
    write(store, 1, NOON - timedelta(seconds=1), 100)
    write(store, 2, NOON + timedelta(seconds=1), 200)
    write(store, 3, NOON, 300)
    print(json.dumps({"before": before, "after": read(store, [1, 2, 3])}))


main()
