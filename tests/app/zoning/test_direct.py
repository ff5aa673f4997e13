"""What is answered before Flask is, byte for byte, what the view answers; whatever it cannot answer goes to the view."""

from __future__ import annotations

import gzip
import random
import sys
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.zoning import service

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PATH = "/api/v1/zoning"
HERE = "lon=117.487&lat=0.127"
# The same question to a reader of query strings; not to the middleware, which takes the plain form only.
TO_THE_VIEW = "&"


@pytest.fixture
def direct(sample_client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """For every question that reached the middleware, whether it had a card."""
    asked: list[bool] = []

    def watched(lon: float, lat: float, lang: str) -> service.ReadyCard | None:
        card = answer(lon, lat, lang)
        asked.append(card is not None)
        return card

    answer: Callable[[float, float, str], service.ReadyCard | None] = service.ready_card
    for language in ("id", "en"):
        # The end of a card is written at the first question of its kind and language, by the view.
        for place in (HERE, "lon=117.6&lat=0.13", "lon=117.40&lat=0.15"):
            sample_client.get(f"{PATH}?{place}{TO_THE_VIEW}", headers={"Accept-Language": language})
    monkeypatch.setattr(service, "ready_card", watched)
    return asked


def places(app: Flask, count: int) -> list[tuple[float, float]]:
    """Points in and around the plan, and on nodes of zone borders."""
    with app.app_context():
        timeline = service.registry().timelines()[0]
        index = service.registry().snapshot(timeline, timeline.versions[0]).index
    chance = random.Random(20)
    west, south, east, north = index.bounds
    inside = [
        (chance.uniform(west - 0.02, east + 0.02), chance.uniform(south - 0.02, north + 0.02)) for _ in range(count)
    ]
    nodes = [
        chance.choice(geometry.geoms[0].exterior.coords) for geometry in chance.sample(list(index.geometries), count)
    ]
    return inside + nodes


def same(one: TestResponse, other: TestResponse) -> bool:
    """The same to whoever reads them: both may choose an encoding of their own among those the caller takes."""
    return (one.status_code, decoded(one), described(one)) == (other.status_code, decoded(other), described(other))


def decoded(answer: TestResponse) -> bytes:
    assert answer.content_length == len(answer.data)
    match answer.headers.get("Content-Encoding"):
        case "gzip":
            return gzip.decompress(answer.data)
        case "zstd":
            return zstd.decompress(answer.data)
        case encoding:
            assert encoding is None
            return answer.data


def described(answer: TestResponse) -> list[tuple[str, str]]:
    return sorted(pair for pair in answer.headers if pair[0] not in ("Content-Encoding", "Content-Length"))


def test_the_answer_is_the_views_answer(sample_app: Flask, sample_client: FlaskClient, direct: list[bool]) -> None:
    for lon, lat in places(sample_app, 150):
        question = f"lon={lon:.9f}&lat={lat:.9f}"
        assert same(sample_client.get(f"{PATH}?{question}"), sample_client.get(f"{PATH}?{question}{TO_THE_VIEW}")), (
            question
        )
    assert len(direct) == 300
    assert sum(direct) > 250, "nearly all were answered here"


@pytest.mark.parametrize("language", ["id", "en", "en-GB,en;q=0.8", "fr", "", "x" * 500])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "gzip, deflate, br, zstd", "", "gzip;q=0, zstd"])
def test_in_every_language_and_encoding(
    sample_client: FlaskClient, direct: list[bool], language: str, encoding: str
) -> None:
    headers = {"Accept-Language": language, "Accept-Encoding": encoding}
    one, other = (sample_client.get(f"{PATH}?{HERE}{end}", headers=headers) for end in ("", TO_THE_VIEW))
    assert direct == [True]
    assert same(one, other)


@pytest.mark.parametrize(
    "question",
    [
        "lon=0.127&lat=117.487",
        "lon=999&lat=0.127",
        "lon=100.5&lat=-6.2",
        "lon=117.487&lat=95",
    ],
)
def test_a_refusal_is_the_views(sample_client: FlaskClient, direct: list[bool], question: str) -> None:
    one, other = (sample_client.get(f"{PATH}?{question}{end}") for end in ("", TO_THE_VIEW))
    assert one.status_code in (400, 422)
    assert same(one, other)


@pytest.mark.parametrize(
    "question",
    [
        f"{HERE}&on=2024-01-01",
        f"{HERE}&activity=warung",
        "lat=0.127&lon=117.487",
        "lon=117,487&lat=0,127",
        "lon=nan&lat=0.127",
        "lon=1e2&lat=0.127",
        "lon=117.487&lat=0.127&lat=0.128",
        "lon=١١٧&lat=0.127",
        "",
    ],
)
def test_every_other_question_goes_to_the_view(sample_client: FlaskClient, direct: list[bool], question: str) -> None:
    sample_client.get(f"{PATH}?{question}")
    assert direct == []


def test_other_methods_go_to_the_view(sample_client: FlaskClient, direct: list[bool]) -> None:
    assert sample_client.head(f"{PATH}?{HERE}").data == b""
    assert sample_client.delete(f"{PATH}?{HERE}").status_code == 405
    assert direct == []


def test_the_first_answer_of_its_kind_is_written_in_the_callers_language(
    sample_app: Flask, sample_client: FlaskClient
) -> None:
    """Its last sentences are kept per language: none is kept before the view has written it in that language."""
    with sample_app.app_context():
        timeline = service.registry().timelines()[0]
        service.registry().snapshot(timeline, timeline.versions[0]).closing.clear()
    for language, word in (("en", "information"), ("id", "informasi"), ("en", "information")):
        answer = sample_client.get(f"{PATH}?{HERE}", headers={"Accept-Language": language})
        assert word in answer.get_json()["disclaimer"]
