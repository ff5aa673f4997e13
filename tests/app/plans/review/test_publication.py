"""Publishing with an effect on a day, what it needs before, what is seen of it, and what may follow it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.roles import Actor
from app.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.plans import publishing
from app.plans import service as plans
from app.plans.review import milestones, publication
from app.runtime import runtime
from app.zoning import service as zoning
from tests.app.plans.drafts.conftest import Desk, node
from tests.app.plans.review.conftest import CODE, EFFECT, pass_all, publish

Steps = dict[str, Callable[[], object]]
IN_ZONE = dict(zip(("lon", "lat"), node(0.5, 0.5), strict=True))


@pytest.fixture
def approved(changed: Desk, steps: Steps) -> Desk:
    """A draft that is approved, with no milestone recorded yet."""
    steps["submit"]()
    steps["approve"]()
    return changed


def code_on(client: FlaskClient, day: dt.date) -> str:
    """The sub-zone that the changed zone has on a day, as everybody is answered."""
    zoning.registry().refresh()
    card = client.get("/api/v1/zoning", query_string={**IN_ZONE, "on": day.isoformat()}).get_json()
    return str(card["zones"][0]["subzone"]["code"])


def test_readers_switch_on_the_day_and_no_earlier(client: FlaskClient, approved: Desk, approver: Actor) -> None:
    ahead = runtime().city.today() + dt.timedelta(days=30)
    pass_all(approved.actor)
    publish(approver, valid_from=ahead)
    assert code_on(client, ahead - dt.timedelta(days=1)) == "R-2"
    assert code_on(client, ahead) == "K-1"
    versions = client.get(f"/api/v1/plans/{CODE}/versions").get_json()["results"]
    assert [(item["seq"], item["summary"], item["valid_to"]) for item in versions] == [
        (2, "Blok pasar menjadi zona perdagangan.", None),
        (1, None, ahead.isoformat()),
    ]


def test_every_milestone_that_the_law_asks_for_is_needed(approved: Desk, approver: Actor) -> None:
    kinds = milestones.kinds()
    pass_all(approved.actor)
    for kind in kinds:
        milestones.forget_milestone(approved.actor, CODE, kind)
        with pytest.raises(Conflict):
            publish(approver)
        milestones.pass_milestone(approved.actor, CODE, kind, document="Dokumen", day=dt.date(2026, 2, 1))
    publish(approver)
    (titles,) = {tuple(item["kind"] for item in publication.public_record(CODE, 2, "id")["milestones"])}
    assert list(titles) == kinds


def test_every_kind_of_plan_needs_a_regulation_with_a_reason() -> None:
    for kind in ("rdtr", "rtrw", "other"):
        needed = milestones.required(kind)
        assert {milestones.ADOPTION, milestones.PROMULGATION} <= needed.keys() <= set(milestones.kinds())
        assert all(reason[language] for reason in needed.values() for language in ("id", "en"))
    assert "persetujuan_substansi" in milestones.required("rdtr")
    assert "persetujuan_substansi" not in milestones.required("other")


def test_days_of_milestones_are_in_order(approved: Desk, approver: Actor) -> None:
    tomorrow = runtime().city.today() + dt.timedelta(days=1)
    record = milestones.pass_milestone
    for kind, day in (("klhs", tomorrow), ("penetapan", tomorrow)):
        with pytest.raises(Unprocessable):
            record(approved.actor, CODE, kind, document="x", day=day)
    record(approved.actor, CODE, "penetapan", document="x", day=dt.date(2026, 2, 10))
    with pytest.raises(Unprocessable):
        record(approved.actor, CODE, "pengundangan", document="x", day=dt.date(2026, 2, 9))
    with pytest.raises(NotFound):
        record(approved.actor, CODE, "tidak-ada", document="x", day=dt.date(2026, 2, 9))
    pass_all(approved.actor, dt.date(2026, 2, 10))
    with pytest.raises(Unprocessable) as caught:
        publish(approver, valid_from=dt.date(2026, 2, 9))
    assert caught.value.field == "valid_from"


def test_remarks_of_the_ministry_are_settled_one_by_one(approved: Desk, approver: Actor, resident: Actor) -> None:
    planner = approved.actor
    pass_all(planner)
    first = milestones.add_remark(planner, CODE, "Perbaiki blok A.", article="Pasal 12", zone_id=approved.ids[0])
    second = milestones.add_remark(planner, CODE, "Tambahkan RTH.")
    assert (first, second) == (1, 2)
    with pytest.raises(Conflict):
        milestones.settle_remark(planner, CODE, 1)
    milestones.answer_remark(planner, CODE, 1, "Sudah.")
    with pytest.raises(Conflict, match="1, 2"):
        publish(approver)
    milestones.settle_remark(planner, CODE, 1)
    with pytest.raises(Conflict, match=r": 2"):
        publish(approver)
    milestones.answer_remark(planner, CODE, 2, "Sudah.")
    milestones.settle_remark(planner, CODE, 2)
    milestones.settle_remark(planner, CODE, 1, settled=False)
    with pytest.raises(Conflict, match=r": 1"):
        publish(approver)
    with pytest.raises(Forbidden):
        milestones.answer_remark(resident, CODE, 1, "Bukan perencana.")
    with pytest.raises(NotFound):
        milestones.answer_remark(planner, CODE, 9, "Tidak ada.")
    milestones.settle_remark(planner, CODE, 1)
    publish(approver)


def test_steps_of_a_publication_can_be_watched(approved: Desk, approver: Actor, resident: Actor) -> None:
    assert publication.watched(approver, CODE, 2) is None
    pass_all(approved.actor)
    run = publication.start(approver, CODE, legal_reference="Perwali 9/2026", valid_from=EFFECT, language="id")
    waiting = publication.watched(approver, CODE, 2)
    assert waiting is not None
    assert waiting["state"] == "ready"
    publication.carry_out(approver, CODE, run)
    done = publication.watched(approved.actor, CODE, 2)
    assert done is not None
    assert (done["state"], [name for name, _ in done["steps"]]) == ("done", ["approved", *publishing.STEPS])
    with pytest.raises(NotFound):
        publication.carry_out(approver, CODE, run)
    assert publication.watched(approver, CODE, 2) == done
    with pytest.raises(Forbidden):
        publication.watched(resident, CODE, 2)


def test_a_publication_that_fails_says_why_and_keeps_nothing(
    session: Session, approved: Desk, approver: Actor, steps: Steps
) -> None:
    """The version before begins later than the day that was asked for."""
    pass_all(approved.actor, dt.date(2022, 1, 1))
    with pytest.raises(Conflict):
        publish(approver, valid_from=dt.date(2022, 6, 1))
    failed = publication.watched(approver, CODE, 2)
    assert failed is not None
    assert failed["state"] == "failed"
    assert "2023" in failed["problem"]
    rows = session.execute(text("SELECT state, valid, content_hash FROM plan_version WHERE seq = 2")).one()
    assert tuple(rows) == ("review", None, None)
    assert session.execute(text("SELECT count(*) FROM tile_zone JOIN plan_version ON id = version_id AND seq = 2")
                           ).scalar_one() == 0  # fmt: skip


def test_withdrawn_days_say_so_with_the_reason(client: FlaskClient, approved: Desk, approver: Actor) -> None:
    pass_all(approved.actor)
    publish(approver)
    with pytest.raises(Unprocessable):
        publication.withdraw(approver, CODE, 2, "  ")
    with pytest.raises(Forbidden):
        publication.withdraw(approved.actor, CODE, 2, "Sebab.")
    publication.withdraw(approver, CODE, 2, "Dibatalkan pengadilan.")
    entry = plans.public_timeline(CODE).on(EFFECT)
    assert entry is not None
    assert (entry.state, entry.withdrawal_reason) == ("withdrawn", "Dibatalkan pengadilan.")


def test_a_correction_stands_beside_every_answer_and_changes_none(
    client: FlaskClient, approved: Desk, approver: Actor, session: Session
) -> None:
    def card() -> dict[str, object]:
        zoning.registry().refresh()
        found: dict[str, object] = client.get("/api/v1/zoning", query_string={**IN_ZONE, "on": "2026-03-02"}).get_json()
        return found

    today = runtime().city.today()
    with pytest.raises(Conflict):
        publication.correct(approver, CODE, 2, day=today, concerns="Pasal 3", words="Belum terbit.")
    pass_all(approved.actor)
    publish(approver)
    before = card()
    assert before["plan"]["errata"] == []  # type: ignore[index]
    publication.correct(approver, CODE, 2, day=today, concerns="Pasal 3", words="Tertulis 40, seharusnya 60.")
    after = card()
    notice = {"date": today.isoformat(), "concerns": "Pasal 3", "text": "Tertulis 40, seharusnya 60."}
    assert after["plan"]["errata"] == [notice]  # type: ignore[index]
    before["plan"]["errata"] = [notice]  # type: ignore[index]
    assert after == before
    page = client.get("/zoning", query_string={**IN_ZONE, "on": "2026-03-02"}).get_data(as_text=True)
    assert "Tertulis 40, seharusnya 60." in page
    for refused, words in ((approved.actor, "x"), (approver, " ")):
        with pytest.raises((Forbidden, Unprocessable)):
            publication.correct(refused, CODE, 2, day=today, concerns="x", words=words)
    with pytest.raises(Unprocessable):
        publication.correct(approver, CODE, 2, day=today + dt.timedelta(days=1), concerns="x", words="x")


def test_what_is_not_public_has_no_public_record(approved: Desk) -> None:
    with pytest.raises(NotFound):
        publication.public_record(CODE, 2, "id")
    assert publication.public_record(CODE, 1, "id")["milestones"] == []
