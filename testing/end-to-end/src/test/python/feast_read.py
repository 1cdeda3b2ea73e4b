"""Reads every asked entity with Feast's own SDK and prints the answer as JSON: {"columns": {name: [values]}, "statuses": ...}."""
import json
import sys

from feast import FeatureStore

repo, service, request = sys.argv[1:4]
store = FeatureStore(repo_path=repo)
with open(request) as file:
    user_ids = json.load(file)["entities"]["user_id"]
response = store.get_online_features(
    features=store.get_feature_service(service), entity_rows=[{"user_id": user} for user in user_ids]
)
objects = {
    "entities": sorted(e.name for e in store.list_entities()),
    "feature_views": sorted(v.name for v in store.list_feature_views()),
    "feature_services": sorted(s.name for s in store.list_feature_services()),
    "data_sources": sorted(s.name for s in store.list_data_sources()),
    "intervals": {
        v.name: [[a.isoformat(), b.isoformat()] for a, b in v.materialization_intervals]
        for v in store.list_feature_views()
    },
}
json.dump({"columns": response.to_dict(), "objects": objects}, sys.stdout)
