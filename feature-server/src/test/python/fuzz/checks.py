"""Loaded by Schemathesis (SCHEMATHESIS_HOOKS): checks of ours, and names that exist, which chance alone would never find.

LARDER_URL is the server whose names are taken.
"""

import json
import os
import re
import urllib.request
import zlib

import schemathesis

STACK_TRACE = re.compile(r"\tat |\b[a-z]\w*(\.[a-z]\w*)+\.[A-Z]\w*(Exception|Error)\b")

with urllib.request.urlopen(os.environ["LARDER_URL"] + "/api/v1/features", timeout=10) as answer:
    CATALOG = json.load(answer)
VIEWS = {view["name"]: view for view in CATALOG["feature_views"]}
REFERENCES = [f"{view['name']}:{feature['name']}" for view in VIEWS.values() for feature in view["features"]]
SERVICES = [service["name"] for service in CATALOG["feature_services"]]
ON_DEMAND = [f"{name}:feature" for name in CATALOG["on_demand_feature_views"]]
JOIN_KEYS = sorted({entity["join_key"] for view in VIEWS.values() for entity in view["entities"]})


@schemathesis.check
def no_server_error(ctx, response, case):
    # 501 is for what the server leaves to others; that the document says so there is another check's matter.
    assert response.status_code < 500 or response.status_code == 501, f"status {response.status_code}"


@schemathesis.check
def no_stack_trace(ctx, response, case):
    if not case.path.startswith("/docs"):
        found = STACK_TRACE.search(response.text)
        assert found is None, f"a stack trace: {found and found.group()}"


def known(value, names, every=2):
    """One of the names in the place of each text but every nth, the same each time; what is no text stays."""
    number = zlib.crc32(value.encode("utf-8", "replace")) if isinstance(value, str) else 0
    return names[number // every % len(names)] if number % every else value


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    if path_parameters:
        for parameter, names in (
            ("feature_view", sorted(VIEWS)),
            ("key", ["1001", "1002", "9999"]),
            ("second_key", ["c1"]),
            ("file", ["swagger-ui.css", "favicon-32x32.png"]),
        ):
            if parameter in path_parameters:
                path_parameters[parameter] = known(path_parameters[parameter], names, 4)
    return path_parameters


def number_of(value):
    return zlib.crc32(json.dumps(value, sort_keys=True).encode())


def fitting(body):
    """The same with features of one view and its join keys, in columns of one length: what is answered with values."""
    view = sorted(VIEWS.values(), key=lambda each: each["name"])[number_of(body) // 2 % len(VIEWS)]
    column = next((values for values in body["entities"].values() if isinstance(values, list) and values), [1001])
    if number_of(body) // 32 % 2:
        column = [1001 + place for place in range(len(column))]
    body["feature_service"] = None
    body["features"] = [f"{view['name']}:{feature['name']}" for feature in view["features"]]
    body["entities"] = {entity["join_key"]: column for entity in view["entities"]}
    return body


@schemathesis.hook
def map_body(ctx, body):
    if not isinstance(body, dict):
        return body
    body = dict(body)
    for field, names in (
        ("feature_service", SERVICES),
        ("feature_view_name", sorted(VIEWS)),
        ("push_source_name", ["driver_push"]),
    ):
        if field in body:
            body[field] = known(body[field], names, 8)
    if isinstance(body.get("features"), list):
        body["features"] = [known(name, REFERENCES + ON_DEMAND, 8) for name in body["features"]]
    if isinstance(body.get("feature_views"), list):
        body["feature_views"] = [known(name, sorted(VIEWS), 8) for name in body["feature_views"]]
    if isinstance(body.get("entities"), dict) and number_of(body) % 2:
        return fitting(body)
    for field in ("entities", "df"):
        if isinstance(body.get(field), dict):
            columns = JOIN_KEYS + (["event_timestamp", "score"] if field == "df" else [])
            body[field] = {known(name, columns, 4): values for name, values in body[field].items()}
    return body
