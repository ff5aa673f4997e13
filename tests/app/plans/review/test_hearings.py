"""A draft is open to everybody for fixed days; people comment, planners answer, and nobody's data is shown unasked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts import service as accounts
from app.accounts.roles import ANONYMOUS, OPERATOR, Actor
from app.city import CityProfile
from app.errors import Conflict, Forbidden, NotFound, NotSignedIn, TooMany, Unprocessable
from app.plans.drafts import service as drafts
from app.plans.review import hearings, service
from app.runtime import runtime
from tests.app.plans.drafts.conftest import Desk, node
from tests.app.plans.review.conftest import CODE, pass_all, publish

FIRST, LAST = dt.date(2026, 5, 4), dt.date(2026, 5, 15)
BEFORE, WITHIN, AFTER = dt.date(2026, 5, 3), dt.date(2026, 5, 10), dt.date(2026, 5, 16)


class Calendar:
    """The city's calendar, put to a day."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.day = dt.date(2026, 5, 1)
        monkeypatch.setattr(CityProfile, "today", lambda _city: self.day)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    return Calendar(monkeypatch)


@pytest.fixture
def hearing(changed: Desk, planner: Actor, calendar: Calendar) -> int:
    """A hearing that is announced, and not running yet."""
    service.submit(planner, CODE, "Blok pasar menjadi zona perdagangan.")
    return hearings.announce(planner, CODE, first_day=FIRST, last_day=LAST, notice="Silakan beri tanggapan.")


def say(who: Actor, hearing: int, text: str = "Saya keberatan.", **about: Any) -> int:
    return hearings.comment(who, CODE, hearing, text, **{"show_name": False, **about})


def point(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


@pytest.mark.parametrize(
    ("day", "phase", "visible", "takes"),
    [
        (BEFORE, "announced", False, False),
        (FIRST, "running", True, True),
        (LAST, "running", True, True),
        (AFTER, "ended", True, False),
    ],
)
def test_days_are_those_of_the_citys_calendar(
    hearing: int, calendar: Calendar, resident: Actor, day: dt.date, phase: str, visible: bool, takes: bool
) -> None:
    calendar.day = day
    found = hearings.opened(CODE, hearing)
    assert (found.phase, found.is_visible, found.takes_comments) == (phase, visible, takes)
    if takes:
        say(resident, hearing)
    else:
        with pytest.raises(Conflict, match="4 Mei 2026") as caught:
            say(resident, hearing)
        assert "15 Mei 2026" in caught.value.detail
    if visible:
        assert hearings.tile(CODE, found.version.id, 14, 13535, 8186) is not None
    else:
        with pytest.raises(NotFound):
            hearings.tile(CODE, found.version.id, 14, 13535, 8186)


def test_a_draft_that_no_hearing_opens_is_shown_to_nobody(session: Session, changed: Desk, planner: Actor) -> None:
    service.submit(planner, CODE, "Sebab.")
    with pytest.raises(NotFound):
        hearings.tile(CODE, drafts.info(planner, CODE, "id")["version_id"], 14, 13535, 8186)


def test_what_a_draft_changes_is_listed(changed: Desk, hearing: int, calendar: Calendar) -> None:
    calendar.day = WITHIN
    (change,) = hearings.changes(hearings.opened(CODE, hearing))
    assert (change["zone_id"], change["kind"], change["before"], change["after"]) == (
        changed.ids[0], "recoded", "R-2", "K-1",
    )  # fmt: skip


def test_a_comment_is_of_a_zone_a_place_or_the_whole(
    changed: Desk, hearing: int, calendar: Calendar, resident: Actor, planner: Actor
) -> None:
    calendar.day = WITHIN
    lon, lat = node(0.5, 0.5)
    first = say(resident, hearing, zone_id=changed.ids[0], show_name=True)
    say(resident, hearing, place=point(lon, lat))
    say(resident, hearing)
    hearings.answer(planner, CODE, first, "Kami pertimbangkan.")
    hearings.answer(planner, CODE, first, "Sudah diubah.")
    zone, place, whole = hearings.remarks(hearings.opened(CODE, hearing))
    assert (zone.number, zone.zone_id, zone.subzone_code, zone.name) == (1, changed.ids[0], "K-1", "Eko")
    assert [text for _at, text in zone.answers] == ["Kami pertimbangkan.", "Sudah diubah."]
    assert (place.place, place.name) == (point(round(lon, 6), round(lat, 6)), None)
    assert (whole.zone_id, whole.place) == (None, None)


def test_a_name_goes_with_its_account(hearing: int, calendar: Calendar, resident: Actor) -> None:
    calendar.day = WITHIN
    say(resident, hearing, show_name=True)
    accounts.erase(OPERATOR, resident.account_id or 0)
    (remark,) = hearings.remarks(hearings.opened(CODE, hearing))
    assert (remark.name, remark.text) == (None, "Saya keberatan.")


def test_a_hidden_comment_keeps_its_number_and_says_why(
    hearing: int, calendar: Calendar, resident: Actor, planner: Actor
) -> None:
    calendar.day = WITHIN
    number = say(resident, hearing, "Nomor telepon tetangga saya ...", show_name=True)
    with pytest.raises(Unprocessable):
        hearings.hide(planner, CODE, number, "")
    hearings.hide(planner, CODE, number, "Memuat data pribadi orang lain.")
    (remark,) = hearings.remarks(hearings.opened(CODE, hearing))
    assert (remark.text, remark.name, remark.hidden_reason) == (None, None, "Memuat data pribadi orang lain.")


@pytest.mark.parametrize(
    "place",
    [
        {"type": "Point", "coordinates": [0.0, 0.0]},
        {"type": "Point", "coordinates": ["a", 1]},
        {"type": "Point", "coordinates": [float("nan"), 0.12]},
        {"type": "Circle"},
        {"type": "MultiPoint", "coordinates": [[117.48, 0.12]]},
        {"type": "Polygon", "coordinates": [[[117.48, 0.12], [117.49, 0.13], [117.49, 0.12], [117.48, 0.13], [117.48, 0.12]]]},
        {"type": "LineString", "coordinates": [[117.48 + i / 1e6, 0.12] for i in range(300)]},
    ],
    ids=["elsewhere", "text", "nan", "unknown", "several", "crossing", "detailed"],
)  # fmt: skip
def test_an_impossible_place_is_refused(
    hearing: int, calendar: Calendar, resident: Actor, place: dict[str, Any]
) -> None:
    calendar.day = WITHIN
    with pytest.raises(Unprocessable) as caught:
        say(resident, hearing, place=place)
    assert caught.value.field == "place"
    assert hearings.remarks(hearings.opened(CODE, hearing)) == []


def test_limits_of_taking_part(
    hearing: int, calendar: Calendar, resident: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar.day = WITHIN
    with pytest.raises(NotSignedIn):
        say(ANONYMOUS, hearing)
    for words in ("", "x" * 2001):
        with pytest.raises(Unprocessable):
            say(resident, hearing, words)
    with pytest.raises(Unprocessable):
        say(resident, hearing, zone_id=999_999)
    with pytest.raises(NotFound):
        say(resident, hearing + 1000)
    monkeypatch.setattr(runtime().settings, "hearing_comments", 2)
    say(resident, hearing)
    say(resident, hearing)
    with pytest.raises(TooMany, match="2"):
        say(resident, hearing)


def test_only_planners_answer_and_hide(hearing: int, calendar: Calendar, resident: Actor) -> None:
    calendar.day = WITHIN
    number = say(resident, hearing)
    with pytest.raises(Forbidden):
        hearings.answer(resident, CODE, number, "Bukan perencana.")
    with pytest.raises(Forbidden):
        hearings.hide(resident, CODE, number, "Bukan perencana.")
    with pytest.raises(Forbidden):
        hearings.cancel(resident, CODE, "Bukan perencana.")


@pytest.mark.parametrize("day", [BEFORE, WITHIN])
def test_a_draft_stays_as_it_is_until_its_hearing_ends(
    hearing: int, calendar: Calendar, planner: Actor, approver: Actor, day: dt.date
) -> None:
    calendar.day = day
    for refused in (
        lambda: service.take_back(planner, CODE),
        lambda: service.send_back(approver, CODE, "Sebab."),
        lambda: service.approve(approver, CODE),
        lambda: hearings.announce(planner, CODE, first_day=AFTER, last_day=AFTER, notice="Lagi."),
    ):
        with pytest.raises(Conflict, match="15 Mei 2026"):
            refused()
    hearings.cancel(planner, CODE, "Pengumuman terlambat.")
    service.send_back(approver, CODE, "Sebab.")


def test_a_draft_that_goes_back_closes_its_hearing(
    changed: Desk, hearing: int, calendar: Calendar, planner: Actor, approver: Actor, resident: Actor
) -> None:
    calendar.day = WITHIN
    number = say(resident, hearing)
    calendar.day = AFTER
    service.send_back(approver, CODE, "Olah tanggapan warga.")
    found = hearings.opened(CODE, hearing)
    assert (found.phase, found.is_visible) == ("closed", False)
    hearings.answer(planner, CODE, number, "Diterima.")
    with pytest.raises(Conflict):
        drafts.discard(planner, CODE)
    service.submit(planner, CODE, "Dengan tanggapan warga.")
    hearings.announce(planner, CODE, first_day=AFTER, last_day=AFTER, notice="Putaran kedua.")


def test_answers_end_with_publication(
    hearing: int, calendar: Calendar, planner: Actor, approver: Actor, resident: Actor
) -> None:
    calendar.day = WITHIN
    number = say(resident, hearing)
    calendar.day = AFTER
    service.approve(approver, CODE)
    pass_all(planner)
    publish(approver, valid_from=AFTER)
    with pytest.raises(Conflict):
        hearings.answer(planner, CODE, number, "Terlambat.")
    assert len(hearings.remarks(hearings.opened(CODE, hearing))) == 1


@pytest.mark.parametrize(
    ("first", "last", "notice", "field"),
    [
        (dt.date(2026, 4, 30), LAST, "x", "first_day"),
        (LAST, FIRST, "x", "last_day"),
        (FIRST, LAST, " ", "notice"),
    ],
)
def test_impossible_hearings_are_refused(
    changed: Desk, planner: Actor, calendar: Calendar, first: dt.date, last: dt.date, notice: str, field: str
) -> None:
    with pytest.raises(Conflict):
        hearings.announce(planner, CODE, first_day=FIRST, last_day=LAST, notice="Belum diajukan.")
    service.submit(planner, CODE, "Sebab.")
    with pytest.raises(Unprocessable) as caught:
        hearings.announce(planner, CODE, first_day=first, last_day=last, notice=notice)
    assert caught.value.field == field
