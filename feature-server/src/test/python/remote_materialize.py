"""Feast's own SDK with a remote online store: materializes through the server, prints per call None or what was raised."""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

from feast import FeatureStore

folder, registry, url, calls = sys.argv[1:5]
Path(folder, "feature_store.yaml").write_text(
    "project: shop\n"
    "provider: local\n"
    f"registry: {registry}\n"
    f"online_store: {{type: remote, path: \"{url}\"}}\n"
    "offline_store: {type: dask}\n"
    "entity_key_serialization_version: 3\n"
)
store = FeatureStore(folder)
start = datetime(2024, 1, 1)
end = datetime(2024, 12, 31, 12, 30, 15, 250000, tzinfo=timezone.utc)
results = []
for call in json.loads(calls):
    name = call.pop("call")
    try:
        if name == "materialize":
            store.materialize(start, end, **call)
        else:
            store.materialize_incremental(end, **call)
        results.append(None)
    except Exception as e:
        results.append(f"{type(e).__name__}: {e}")
print(json.dumps(results))
