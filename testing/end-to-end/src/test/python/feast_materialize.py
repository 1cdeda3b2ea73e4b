"""Materializes through a feature server with Feast's own SDK: its online store is the server."""
import sys
from datetime import datetime
from pathlib import Path

from feast import FeatureStore

folder, project, registry, url, end = sys.argv[1:6]
Path(folder, "feature_store.yaml").write_text(
    f"project: {project}\n"
    "provider: local\n"
    f"registry: {registry}\n"
    f"online_store: {{type: remote, path: \"{url}\"}}\n"
    "offline_store: {type: dask}\n"
    "entity_key_serialization_version: 3\n"
)
FeatureStore(folder).materialize_incremental(datetime.fromisoformat(end))
