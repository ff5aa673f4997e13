"""The OpenAPI document is valid, complete and true."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.datastructures import ImmutableMultiDict

from app.maps.tiles import ZONE_LAYERS
from app.places.service import ROAD_CLASSES, TILE_LAYERS
from app.plans.models import VERDICTS
from app.schemas import document as documents
from app.schemas import parameters, zoning
from app.schemas.document import Call
from app.schemas.operations import ERROR_TEXTS, OPERATIONS
from app.schemas.parameters import COMMON, Parameter
from gis.rdtr.overlays import OverlayStatus

_REFERENCE = r'"#/components/schemas/([^"]+)"'
# Rows of tables whose columns are not the same in every table.
_OPEN = {"RuleRow", "RuleValues"}
_MAY_BE_ABSENT = {
    *(("Problem", name) for name in ("code", "first_date", "place", "zones", "faults", "conflicts")),
    ("Ready", "notes"),
}


def _open_calls(app: Flask) -> Iterator[Call]:
    """Calls that need no account and nothing that the sample city lacks.

    Drafts are held against their description in test_drafts.py, hearings in tests/app/plans/review/test_api.py.
    """
    return (
        call
        for call in documents.calls(app)
        if not call.operation.roles and all(item.example for item in call.operation.parameters if item.required)
    )


def _sent_in(document: dict[str, Any]) -> set[str]:
    """Names of the schemas that bodies of requests are made of."""
    found: set[str] = set()
    bodies = [operation.get("requestBody") for item in document["paths"].values() for operation in item.values()]
    waiting = re.findall(_REFERENCE, json.dumps(bodies))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(_REFERENCE, json.dumps(document["components"]["schemas"][name]))
    return found


def test_it_is_a_valid_openapi_document(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_api_route_has_a_row_and_every_row_a_route(sample_app: Flask) -> None:
    routes = {rule.endpoint for rule in sample_app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    undescribed = routes - set(OPERATIONS)
    assert not undescribed, f"describe in app/schemas/operations.py: {sorted(undescribed)}"
    assert set(OPERATIONS) - routes == {"health.healthz", "health.readyz"}


def test_every_method_of_an_api_route_is_in_the_document(sample_app: Flask, document: dict[str, Any]) -> None:
    for call in documents.calls(sample_app):
        described = document["paths"][call.path][call.method.lower()]
        assert described["summary"], call.endpoint
        assert described["description"], call.endpoint
    methods = sum(
        len((rule.methods or set()) - {"HEAD", "OPTIONS"})
        for rule in sample_app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
    )
    described_methods = sum(len(item) for path, item in document["paths"].items() if path.startswith("/api/"))
    assert described_methods == methods


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


def test_path_parameters_are_those_of_the_address(sample_app: Flask) -> None:
    for call in documents.calls(sample_app):
        in_path = {item.name for item in call.operation.parameters if item.place == "path"}
        rules = [rule for rule in sample_app.url_map.iter_rules(call.endpoint) if call.method in (rule.methods or ())]
        assert in_path == set(rules[0].arguments), call.endpoint


class _Recording(ImmutableMultiDict[str, str]):
    """Query parameters that remember which of them were asked for."""

    read: typing.ClassVar[set[str]] = set()

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self.read.add(key)
        return super().get(key, *args, **kwargs)

    def __getitem__(self, key: str) -> str:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)


class _RecordingRequest(Request):
    parameter_storage_class = _Recording


def test_query_parameters_are_exactly_those_that_the_views_read(
    sample_app: Flask, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_app, "request_class", _RecordingRequest)
    client = sample_app.test_client()
    for call in _open_calls(sample_app):
        documented = {item.name for item in call.operation.parameters if item.place == "query"}
        _Recording.read.clear()
        # One parameter beyond what is required, as a view may skip the rest where only that is given.
        response = _ask(client, call, document, lang="id")
        assert response.status_code < 300, (call.endpoint, response.get_data(as_text=True))
        if call.path.startswith("/api/"):
            assert _Recording.read - {"lang"} == documented, call.endpoint


def test_the_language_parameter_is_stronger_than_the_header(sample_client: FlaskClient) -> None:
    assert "lang" in {item.name for item in COMMON}
    words = {
        sample_client.get(f"/api/v1/zoning?lon=x&lat=0{lang}", headers={"Accept-Language": header}).json["detail"]
        for lang, header in (("", "en"), ("&lang=en", "id"), ("&lang=en", "fr"))
    }
    assert len(words) == 1
    assert sample_client.get("/api/v1/zoning?lon=x&lat=0").json["detail"] not in words


def _ask(client: FlaskClient, call: Call, document: dict[str, Any], **changed: str) -> Any:
    """Ask with the document's own examples for what is required."""
    described = document["paths"][call.path][call.method.lower()]
    values = {item["name"]: item["example"] for item in described["parameters"] if item["required"]} | changed
    in_path = {item["name"] for item in described["parameters"] if item["in"] == "path"}
    path = call.path.format(**{name: values[name] for name in in_path})
    query = {name: value for name, value in values.items() if name not in in_path}
    body = described.get("requestBody", {}).get("content", {})
    if not body:
        return client.open(path, method=call.method, query_string=query)
    media_type, content = next(iter(body.items()))
    return client.open(path, method=call.method, query_string=query, json=content["example"], content_type=media_type)


def _beyond(parameter: Parameter, schema: dict[str, Any]) -> Iterator[str]:
    """Values that the parameter's schema forbids."""
    if "maximum" in schema:
        yield str(schema["maximum"] + 1)
    if "minimum" in schema and parameter.place == "query":
        yield str(schema["minimum"] - 1)
    if "maxLength" in schema and parameter.name != "lang":
        yield "x" * (schema["maxLength"] + 1)
    if "enum" in schema:
        yield "none-of-these"
    if schema.get("format") == "date":
        yield from ("2026-13-01", "20260601", "2026-W01-1", "01/06/2026", "yesterday")
    if schema["type"] == "number":
        yield from ("nan", "inf", "-inf", "abc", "1_0", "1 0")


def test_documented_limits_are_enforced(sample_app: Flask, document: dict[str, Any]) -> None:
    client = sample_app.test_client()
    settings = sample_app.extensions["ruang"].settings
    for call in _open_calls(sample_app):
        for item in call.operation.parameters:
            for value in _beyond(item, item.schema_for(settings)):
                response = _ask(client, call, document, **{item.name: value})
                where = (call.endpoint, item.name, value, response.get_data(as_text=True)[:300])
                assert response.status_code in call.operation.errors, where
                assert response.status_code != 429, where
                if item.place == "query":
                    assert item.name in (response.json["field"] or "").split(","), where


def test_values_at_the_documented_limits_are_taken(sample_app: Flask, document: dict[str, Any]) -> None:
    client = sample_app.test_client()
    settings = sample_app.extensions["ruang"].settings
    point = next(call for call in documents.calls(sample_app) if call.endpoint == "zoning_api.point")
    for item in (parameters.ACCURACY, parameters.LOT):
        schema = item.schema_for(settings)
        for value in (schema["minimum"], schema["maximum"]):
            assert _ask(client, point, document, **{item.name: str(value)}).status_code == 200, (item.name, value)
    for road_class in ROAD_CLASSES:
        assert _ask(client, point, document, road_class=road_class).status_code == 200, road_class


def test_every_error_status_is_explained() -> None:
    assert {status for operation in OPERATIONS.values() for status in operation.errors} == set(ERROR_TEXTS)


def test_answers_allow_no_other_member_and_leave_none_out(document: dict[str, Any]) -> None:
    sent_in = _sent_in(document)
    for name, schema in document["components"]["schemas"].items():
        if name in sent_in or name == "AnyDocument" or schema.get("type") != "object":
            continue
        assert schema["additionalProperties"] is (name in _OPEN), name
        optional = {(name, member) for member in set(schema["properties"]) - set(schema.get("required", ()))}
        assert optional <= _MAY_BE_ABSENT, optional


def test_vocabularies_are_the_domains_own() -> None:
    assert typing.get_args(zoning.RoadClass) == ROAD_CLASSES
    assert typing.get_args(zoning.Verdict) == VERDICTS
    status = zoning.OverlayAnswer.model_fields["status"].annotation
    assert set(typing.get_args(status)) == {item.value for item in OverlayStatus}
    layers = parameters.LAYER.schema
    assert not callable(layers)
    assert set(layers["enum"]) == {*ZONE_LAYERS, *TILE_LAYERS}
