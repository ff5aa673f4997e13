"""Requests made up from the document, valid and not: never a 5xx, never an answer that is not as described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.schemas import document as documents
from app.schemas.operations import OPERATIONS

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


# What calls the application in this process does not unpack compressed answers.
_PLAIN = {"Accept-Encoding": "identity"}
# No shrinking and no database: every run makes the same requests, and a failing one is printed as it is.
_BOUNDED = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def api(sample_app: Flask) -> schemathesis.BaseSchema:
    """The document as a source of requests."""
    projects = ProjectsConfig(default=ProjectConfig(generation=GenerationConfig(deterministic=True)))
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", sample_app, config=SchemathesisConfig(seed=1, projects=projects)
    )


def _calls_with_parameters() -> list[str]:
    return [endpoint for endpoint, row in OPERATIONS.items() if row.parameters or not endpoint.startswith("health.")]


@pytest.fixture
def ask(api: schemathesis.BaseSchema, sample_app: Flask, document: dict[str, Any]) -> Callable[..., Counter[int]]:
    """Sends made-up requests of one call; returns how often each status was answered."""

    def send(endpoint: str, mode: GenerationMode, *, placed: bool = False) -> Counter[int]:
        call = next(call for call in documents.calls(sample_app) if call.endpoint == endpoint)
        described = document["paths"][call.path][call.method.lower()]
        statuses: Counter[int] = Counter()

        @_BOUNDED
        @given(case=api[call.path][call.method].as_strategy(generation_mode=mode))
        def check(case: schemathesis.Case) -> None:
            case = _place(case, described) if placed else case
            response = case.call_and_validate(checks=_CHECKS, headers=_PLAIN)
            statuses[response.status_code] += 1

        check()
        return statuses

    return send


def _place(case: schemathesis.Case, described: dict[str, Any]) -> schemathesis.Case:
    """The request with what it requires taken from the document's examples, so that it asks about the sample city."""
    for item in described["parameters"]:
        if item["required"]:
            values = case.path_parameters if item["in"] == "path" else case.query
            values[item["name"]] = item["example"]
    for content in described.get("requestBody", {}).get("content", {}).values():
        case.body = content["example"]
    return case


@pytest.mark.parametrize("endpoint", OPERATIONS)
def test_requests_that_the_document_allows(ask: Callable[..., Counter[int]], endpoint: str) -> None:
    assert ask(endpoint, GenerationMode.POSITIVE)


@pytest.mark.parametrize("endpoint", _calls_with_parameters())
def test_requests_that_the_document_forbids(ask: Callable[..., Counter[int]], endpoint: str) -> None:
    assert ask(endpoint, GenerationMode.NEGATIVE)


def _in_the_sample(endpoint: str) -> bool:
    """Whether the call is open to all, and the sample city has what it asks for (there is no hearing in it)."""
    row = OPERATIONS[endpoint]
    return not row.roles and all(item.example for item in row.parameters if item.required)


@pytest.mark.parametrize("endpoint", [name for name in _calls_with_parameters() if _in_the_sample(name)])
def test_made_up_options_for_places_in_the_city(ask: Callable[..., Counter[int]], endpoint: str) -> None:
    statuses = ask(endpoint, GenerationMode.POSITIVE, placed=True)
    assert statuses[200] > 0, statuses
