"""Feast's own SDK applies a repository and writes to its SQLite store again and again, until a file named stop is there."""

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Int64

folder = Path(sys.argv[1])
drivers = list(range(1, 21))
folder.joinpath("feature_store.yaml").write_text(
    "project: fleet\n"
    "registry: data/registry.db\n"
    "provider: local\n"
    "online_store:\n"
    "    type: sqlite\n"
    "    path: data/online_store.db\n"
    "entity_key_serialization_version: 3\n"
    "auth:\n"
    "    type: no_auth\n"
)
driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats = FeatureView(
    name="stats",
    entities=[driver],
    schema=[Field(name=name, dtype=Int64) for name in ("driver_id", "trips", "stops")],
    source=FileSource(name="stats_source", path="data/absent.parquet", timestamp_field="event_timestamp"),
    ttl=timedelta(0),
)
store = FeatureStore(str(folder))
store.apply([driver, stats])


def write(value):
    store.write_to_online_store(
        "stats",
        pandas.DataFrame(
            {
                "driver_id": drivers,
                "trips": [value] * len(drivers),
                "stops": [value] * len(drivers),
                "event_timestamp": [datetime.now(timezone.utc)] * len(drivers),
            }
        ),
    )


write(0)
folder.joinpath("ready").touch()
last = 0
while not folder.joinpath("stop").exists():
    last += 1
    write(last)
    if last % 10 == 0:
        store.apply([driver, stats])
answer = store.get_online_features(
    features=["stats:trips"], entity_rows=[{"driver_id": d} for d in drivers]
).to_dict()
print(json.dumps({"last": last, "read": sorted(set(answer["trips"]))}))
