"""The browsable page of the API: complete, in both languages, strict, and its examples work."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.schemas import document as documents
from app.schemas.document import component_schemas


class _Page(HTMLParser):
    """What the tests ask of a page: links, identifiers, headings, and whatever the content policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in given:
            self.inline.append(self.get_starttag_text() or tag)


@pytest.fixture(params=["id", "en"])
def page(request: pytest.FixtureRequest, sample_client: FlaskClient) -> _Page:
    """The page in each language."""
    html = sample_client.get("/api/v1/", query_string={"lang": request.param}).get_data(as_text=True)
    assert f'<html lang="{request.param}"' in html
    return _Page(html)


def test_every_call_and_every_shape_is_on_the_page(sample_app: Flask, page: _Page) -> None:
    for call in documents.calls(sample_app):
        assert call.endpoint in page.ids
    for name in component_schemas():
        assert f"schema-{name}" in page.ids


def test_identifiers_are_single_and_links_within_the_page_lead_somewhere(page: _Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    within = {link[1:] for link in page.links if link.startswith("#")}
    assert within <= set(page.ids)


def test_headings_skip_no_level(page: _Page) -> None:
    assert page.levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.levels, page.levels[1:], strict=False))


def test_nothing_that_the_content_policy_forbids(page: _Page) -> None:
    assert page.inline == []


def test_every_example_link_answers(sample_app: Flask, sample_client: FlaskClient, page: _Page) -> None:
    examples = [
        link for link in page.links if link.startswith(("/api/", "/healthz", "/readyz")) and "lang=" not in link
    ]
    reads = [call for call in documents.calls(sample_app) if call.method == "GET" and not call.operation.roles]
    assert len(examples) >= len(reads)
    for address in examples:
        assert sample_client.get(address).status_code == 200, address


def test_indonesian_when_nothing_is_asked_for(sample_client: FlaskClient) -> None:
    assert '<html lang="id"' in sample_client.get("/api/v1/").get_data(as_text=True)
    english = sample_client.get("/api/v1/", headers={"Accept-Language": "en"})
    assert '<html lang="en"' in english.get_data(as_text=True)


def test_page_and_document_without_any_plan(client: FlaskClient) -> None:
    document: dict[str, Any] = client.get("/api/v1/openapi.json").json
    assert "/api/v1/zoning" in document["paths"]
    assert client.get("/api/v1/").status_code == 200
