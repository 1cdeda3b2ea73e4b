"""Feast's own SDK with an online store of type remote: writes to the server under test, and reads it."""

import json
import sys
from datetime import datetime, timezone

import pandas
from feast import FeatureStore, RepoConfig
from feast.errors import FeastError
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.type_map import python_values_to_proto_values
from feast.value_type import ValueType

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)


def feature_store(registry, url):
    return FeatureStore(
        config=RepoConfig(
            project="golden",
            provider="local",
            registry=registry,
            online_store={"type": "remote", "path": url},
            entity_key_serialization_version=3,
        )
    )


def write_batch(store, view, driver, values):
    key = EntityKey(join_keys=["driver_id"], entity_values=[Value(int64_val=driver)])
    feature_view = store.get_feature_view(view)
    store._get_provider().online_write_batch(store.config, feature_view, [(key, values, NOON, None)], None)


def value(python_value, value_type):
    return python_values_to_proto_values([python_value], value_type)[0]


def read(store, view, features, drivers):
    answer = store.get_online_features(
        features=[f"{view}:{feature}" for feature in features],
        entity_rows=[{"driver_id": driver} for driver in drivers],
    )
    return answer.to_dict()


def failure(call):
    try:
        call()
    except FeastError as e:
        return str(e)
    return None


def main():
    store = feature_store(sys.argv[1], sys.argv[2])
    out = {}
    store.write_to_online_store(
        "driver_pushed",
        pandas.DataFrame(
            {
                "driver_id": [4001, 4002],
                "score": [1.5, None],
                "event_timestamp": [pandas.Timestamp("2024-03-01T12:00:00.123456Z"), pandas.Timestamp(NOON)],
            }
        ),
    )
    store.push(
        "driver_push",
        pandas.DataFrame({"driver_id": [4005], "score": [0.5], "event_timestamp": [pandas.Timestamp(NOON)]}),
    )
    out["pushed"] = read(store, "driver_pushed", ["score"], [4001, 4002, 4005])

    basic = {
        "f_int64": value(2**53 + 1, ValueType.INT64),
        "f_float": value(0.5, ValueType.FLOAT),
        "f_string": value("naïve-日本", ValueType.STRING),
        "f_bool": value(True, ValueType.BOOL),
        "f_ts": value(NOON, ValueType.UNIX_TIMESTAMP),
        "l_int64": value([1, 2], ValueType.INT64_LIST),
        "l_string": value(["a", ""], ValueType.STRING_LIST),
        "l_ts": value([NOON], ValueType.UNIX_TIMESTAMP_LIST),
    }
    write_batch(store, "driver_basic", 4004, basic)
    out["basic"] = read(store, "driver_basic", list(basic), [4004])

    rich = {
        "r_uuid": Value(uuid_val="f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        "r_json": value('{"a":[1,{"b":null}]}', ValueType.JSON),
        "r_map": value({"a": 1, "n": {"k": [1.5]}}, ValueType.MAP),
        "r_struct": value({"a": 1, "b": "x"}, ValueType.STRUCT),
        "r_list_list": value([[1, 2], [3]], ValueType.VALUE_LIST),
    }
    write_batch(store, "driver_rich", 4004, rich)
    # The client cannot read lists of lists.
    out["rich"] = read(store, "driver_rich", [name for name in rich if name != "r_list_list"], [4004])

    out["refused"] = failure(lambda: write_batch(store, "driver_pushed", 4006, {"score": Value(string_val="x")}))
    print(json.dumps(out, default=str))


main()
