"""Put Flask's URL map and the rows of ``operations`` together into an OpenAPI 3.1 document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from app.config import Settings
from app.schemas.operations import ERROR_TEXTS, GEOJSON, JSON, OPERATIONS, PROBLEM, TAGS, Operation
from app.schemas.parameters import COMMON, Parameter
from app.schemas.problems import Problem

Document = dict[str, Any]
_REF = "#/components/schemas/{model}"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PLACEHOLDER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass(frozen=True)
class Call:
    """One documented call: where it is, and its row. path is written as OpenAPI does: /plans/{code}."""

    endpoint: str
    method: str
    path: str
    summary: str
    operation: Operation


def calls(app: Flask) -> Iterator[Call]:
    """Every documented call of the application, in the order of the table."""
    rules: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    for endpoint, operation in OPERATIONS.items():
        summary = (inspect.getdoc(app.view_functions[endpoint]) or "").split("\n\n")[0].replace("\n", " ")
        for rule in rules[endpoint]:
            for method in _METHODS:
                if method in (rule.methods or ()):
                    yield Call(endpoint, method, _PLACEHOLDER.sub(r"{\1}", rule.rule), summary, operation)


@cache
def component_schemas() -> Mapping[str, Document]:
    """The JSON Schema (2020-12) of every model, by name."""
    used: set[type[BaseModel]] = {Problem}
    for operation in OPERATIONS.values():
        used.update(model for model in (operation.answer, operation.body, *operation.also.values()) if model)
    # A member that has a default may be left out of what is sent in, but is always in an answer.
    sent = {operation.body for operation in OPERATIONS.values() if operation.body and operation.body_type == JSON}
    wanted = [
        (model, "validation" if model in sent else "serialization")
        for model in sorted(used, key=lambda model: model.__name__)
    ]
    _, schemas = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    defined: dict[str, Document] = schemas["$defs"]
    return defined


def build(app: Flask, settings: Settings, *, title: str, examples: Mapping[str, Any]) -> Document:
    """The document. examples: values that work on the data loaded now, by the names that ``parameters`` uses."""
    paths: dict[str, Document] = {}
    for call in calls(app):
        paths.setdefault(call.path, {})[call.method.lower()] = _described(call, settings, examples)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": "Answers are information, not a KKPR, a KRK or a permit. Reading needs no account.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "signed_in": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "session",
                    "description": "A browser's sign-in.",
                }
            },
            "schemas": dict(component_schemas()),
            "responses": {str(status): _problem(status, text) for status, text in ERROR_TEXTS.items()},
        },
    }


def _described(call: Call, settings: Settings, examples: Mapping[str, Any]) -> Document:
    operation = call.operation
    parameters = (*operation.parameters, *(() if call.endpoint.startswith("health.") else COMMON))
    described: Document = {
        "operationId": call.endpoint.replace(".", "_"),
        "tags": [operation.tag],
        "summary": call.summary,
        "description": operation.purpose,
        "parameters": [_parameter(item, settings, examples) for item in parameters],
        "responses": _responses(operation),
    }
    if operation.roles:
        described["description"] += f" For: {', '.join(operation.roles)}."
        described["security"] = [{"signed_in": []}]
    if operation.body is not None:
        described["requestBody"] = _body(operation.body, operation.body_type, settings, examples)
    return described


def _body(model: type[BaseModel], body_type: str, settings: Settings, examples: Mapping[str, Any]) -> Document:
    schema: Document = {"schema": {"$ref": _REF.format(model=model.__name__)}}
    limit = f"At most {settings.max_body_bytes} bytes"
    if body_type == GEOJSON:
        limit += f" and {settings.max_polygon_vertices} vertices"
        schema |= {"example": examples["polygon"]} if "polygon" in examples else {}
    return {"required": True, "description": f"{limit}.", "content": {body_type: schema}}


def _parameter(parameter: Parameter, settings: Settings, examples: Mapping[str, Any]) -> Document:
    described: Document = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.purpose,
        "schema": parameter.schema_for(settings),
    }
    if parameter.example is not None and parameter.example in examples:
        described["example"] = examples[parameter.example]
    return described


def _responses(operation: Operation) -> Document:
    empty = operation.status == 204
    answers: Document = {
        str(operation.status): {"description": "Done."}
        if empty
        else _response(operation.answer, operation.content_type)
    }
    for status, model in operation.also.items():
        answers[str(status)] = _response(model, operation.content_type) if model else {"description": "Nothing there."}
    for status in operation.errors:
        answers[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return answers


def _response(model: type[BaseModel] | None, content_type: str) -> Document:
    if model is None:
        return {"description": "The answer.", "content": {content_type: {}}}
    described = (inspect.getdoc(model) or "").split("\n\n")[0].replace("\n", " ")
    return {
        "description": described,
        "content": {content_type: {"schema": {"$ref": _REF.format(model=model.__name__)}}},
    }


def _problem(status: int, text: str) -> Document:
    described: Document = {
        "description": text,
        "content": {PROBLEM: {"schema": {"$ref": _REF.format(model=Problem.__name__)}}},
    }
    if status == 429:
        described["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return described
