"""The way from draft to publication: which steps follow which, who may take them, and that nothing changes on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.roles import ANONYMOUS, OPERATOR, ROLES, Actor
from app.errors import Conflict, Forbidden, NotFound, NotSignedIn, Unprocessable
from app.plans import editing
from app.plans import service as plans
from app.plans.drafts import service as drafts
from app.plans.review import publication, queries, service, workflow
from app.plans.review.cases import find
from tests.app.plans.drafts.conftest import Desk
from tests.app.plans.review.conftest import CODE, EFFECT, pass_all, publish

Steps = dict[str, Callable[[], object]]

# Steps, and the stage after them.
HAPPY = (
    (["submit"], "review"),
    (["submit", "take_back"], "draft"),
    (["submit", "send_back"], "draft"),
    (["submit", "approve"], "approved"),
    (["submit", "approve", "send_back"], "draft"),
    (["submit", "send_back", "submit", "approve"], "approved"),
    (["submit", "approve", "send_back", "submit"], "review"),
    (["submit", "approve", "milestones", "publish"], "published"),
    (["milestones", "submit", "approve", "publish"], "published"),
    (["submit", "approve", "milestones", "publish", "withdraw"], "withdrawn"),
)
# Steps of which the last is refused, and the stage that stays.
UNHAPPY = (
    (["take_back"], Conflict, "draft"),
    (["send_back"], Conflict, "draft"),
    (["approve"], Conflict, "draft"),
    (["publish"], Conflict, "draft"),
    (["withdraw"], Conflict, "draft"),
    (["submit", "submit"], Conflict, "review"),
    (["submit", "publish"], Conflict, "review"),
    (["submit", "approve", "approve"], Conflict, "approved"),
    (["submit", "approve", "take_back"], Conflict, "approved"),
    (["submit", "approve", "publish"], Conflict, "approved"),
    (["submit", "approve", "milestones", "send_back", "publish"], Conflict, "draft"),
    (["submit", "approve", "send_back", "submit", "milestones", "publish"], Conflict, "review"),
    (["submit", "approve", "milestones", "publish", "withdraw", "withdraw"], Conflict, "withdrawn"),
)


def stage(session: Session) -> str:
    session.expire_all()
    return find(session, CODE, 2).stage


@pytest.mark.parametrize(
    ("names", "after"), HAPPY, ids=lambda value: "-".join(value) if isinstance(value, list) else ""
)
def test_steps_lead_to_a_stage(session: Session, changed: Desk, steps: Steps, names: list[str], after: str) -> None:
    for name in names:
        steps[name]()
    assert stage(session) == after
    recorded = [event.action for event, _name in queries.events(session, find(session, CODE, 2).version.id)]
    assert recorded == [name for name in names if name != "milestones"]


@pytest.mark.parametrize(
    ("names", "error", "after"), UNHAPPY, ids=lambda value: "-".join(value) if isinstance(value, list) else ""
)
def test_a_step_out_of_turn_is_refused(
    session: Session, changed: Desk, steps: Steps, names: list[str], error: type[Exception], after: str
) -> None:
    for name in names[:-1]:
        steps[name]()
    with pytest.raises(error):
        steps[names[-1]]()
    assert stage(session) == after


@pytest.mark.parametrize("action", workflow.TRANSITIONS)
@pytest.mark.parametrize("role", ROLES)
def test_each_step_belongs_to_one_role(session: Session, action: str, role: str) -> None:
    transition = workflow.TRANSITIONS[action]
    somebody = Actor(account_id=7, display_name="", roles=frozenset({role}))
    at = next(iter(transition.from_stages))
    if role == transition.role:
        assert workflow.checked(action, at, somebody, frozenset()) is transition
    else:
        with pytest.raises(Forbidden):
            workflow.checked(action, at, somebody, frozenset())
    with pytest.raises(NotSignedIn):
        workflow.checked(action, at, ANONYMOUS, frozenset())


def test_nobody_approves_or_publishes_their_own_draft(session: Session, desk: Desk, approver: Actor) -> None:
    both = Actor(desk.actor.account_id, "Ani", frozenset({"planner", "approver"}))
    desk.do("attributes", zones=[desk.ids[0]], values={"subzone_code": "K-1"})
    service.submit(both, CODE, "Sebab.")
    with pytest.raises(Forbidden, match=r"ikut|worked"):
        service.approve(both, CODE)
    service.approve(approver, CODE)
    pass_all(both)
    with pytest.raises(Forbidden):
        publish(both)
    publish(approver)


def test_who_only_handed_it_in_does_not_approve_either(session: Session, changed: Desk, colleague: Actor) -> None:
    both = Actor(colleague.account_id, "Budi", frozenset({"planner", "approver"}))
    service.submit(both, CODE, "Sebab.")
    with pytest.raises(Forbidden):
        service.approve(both, CODE)


@pytest.mark.parametrize("handed_in", ["submit", "approve"])
def test_what_is_under_review_is_sealed(
    session: Session, changed: Desk, steps: Steps, planner: Actor, handed_in: str
) -> None:
    steps["submit"]()
    if handed_in == "approve":
        steps["approve"]()
    with pytest.raises(Conflict, match=r"review|tinjau"):
        changed.do("attributes", zones=[changed.ids[1]], values={"subzone_code": "R-2"})
    with pytest.raises(Conflict):
        drafts.discard(planner, CODE)
    with pytest.raises(Conflict):
        editing.discard_draft(CODE, 2)
    version_id = find(session, CODE).version.id
    for statement in (
        "DELETE FROM version_zone WHERE version_id = :v",
        "DELETE FROM permitted_use WHERE version_id = :v",
        "INSERT INTO article (version_id, number, title, text, position) VALUES (:v, 'x', 'x', 'x', 1)",
    ):
        with pytest.raises(DBAPIError, match="review"), session.begin_nested():
            session.execute(text(statement), {"v": version_id})


def test_a_draft_that_came_back_can_be_changed_again(session: Session, changed: Desk, steps: Steps) -> None:
    for name in ("submit", "approve", "send_back"):
        steps[name]()
    changed.do("attributes", zones=[changed.ids[1]], values={"subzone_code": "R-2"})


def test_errors_block_handing_in_but_not_saving(session: Session, changed: Desk, planner: Actor) -> None:
    session.execute(text("DELETE FROM subzone WHERE code = 'RTH-2' AND version_id = :v"),
                    {"v": find(session, CODE).version.id})  # fmt: skip
    assert any("RTH-2" in words for words in service.errors_of_draft(planner, CODE))
    with pytest.raises(Unprocessable, match="RTH-2"):
        service.submit(planner, CODE, "Sebab.")
    assert stage(session) == "draft"


@pytest.mark.parametrize("words", ["", "   ", "x" * 5000])
def test_steps_need_their_reason(session: Session, changed: Desk, planner: Actor, approver: Actor, words: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        service.submit(planner, CODE, words)
    assert caught.value.field == "summary"
    service.submit(planner, CODE, "Sebab.")
    with pytest.raises(Unprocessable) as caught:
        service.send_back(approver, CODE, words)
    assert caught.value.field == "reason"


def test_an_approval_is_of_one_content(session: Session, changed: Desk, steps: Steps, approver: Actor) -> None:
    steps["submit"]()
    approved = service.approve(approver, CODE)
    pass_all(changed.actor)
    publish(approver)
    session.expire_all()
    version = find(session, CODE, 2).version
    assert version.content_hash == approved
    assert version.legal_reference == "Perwali contoh 9 Tahun 2026"
    assert version.summary == "Blok pasar menjadi zona perdagangan."
    assert plans.public_timeline(CODE).on(EFFECT) is not None


def test_what_was_not_approved_is_not_published(
    session: Session, changed: Desk, steps: Steps, approver: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal holds already; were it ever broken, the hash would tell."""
    steps["submit"]()
    steps["approve"]()
    pass_all(changed.actor)
    monkeypatch.setattr(publication, "content_hash_of", lambda session, case: "0" * 64)
    with pytest.raises(Conflict):
        publish(approver)
    watched = publication.watched(approver, CODE, 2)
    assert watched is not None
    assert (watched["state"], stage(session)) == ("failed", "approved")


def test_an_operator_publishes_without_review_and_it_is_recorded(session: Session, changed: Desk) -> None:
    editing.publish_version(CODE, 2, valid_from=EFFECT)
    recorded = session.execute(
        text("SELECT actor_role, details->>'seq' FROM audit_event WHERE action = 'version_published' ORDER BY id DESC")
    ).first()
    assert recorded is not None
    assert tuple(recorded) == (next(iter(OPERATOR.roles)), "2")


# Comments of reviewers ------------------------------------------------------------------------------------------------


def test_open_comments_stand_against_approval(
    session: Session, changed: Desk, steps: Steps, planner: Actor, approver: Actor
) -> None:
    steps["submit"]()
    thread = service.comment(approver, CODE, "Mengapa zona ini?", changed.ids[0])
    service.comment(approver, CODE, "Umum saja.")
    with pytest.raises(Conflict, match="2"):
        service.approve(approver, CODE)
    service.reply(planner, CODE, thread, "Karena pasar.")
    with pytest.raises(Forbidden):
        service.resolve(planner, CODE, thread)
    for item in service.threads(approver, CODE):
        service.resolve(approver, CODE, item["id"])
    found = {item["zone_id"]: item for item in service.threads(planner, CODE)}
    assert [said["who"] for said in found[changed.ids[0]]["comments"]] == ["Citra", "Ani"]
    assert found[changed.ids[0]]["resolved"] is True
    service.resolve(approver, CODE, thread, resolved=False)
    with pytest.raises(Conflict, match="1"):
        service.approve(approver, CODE)


def test_comments_are_refused_where_they_make_no_sense(
    session: Session, changed: Desk, steps: Steps, planner: Actor, approver: Actor
) -> None:
    with pytest.raises(Conflict):
        service.comment(approver, CODE, "Belum diajukan.")
    steps["submit"]()
    with pytest.raises(Forbidden):
        service.comment(planner, CODE, "Bukan penilai.")
    with pytest.raises(Unprocessable) as caught:
        service.comment(approver, CODE, "Zona apa?", 999_999)
    assert caught.value.field == "zone"
    with pytest.raises(NotFound):
        service.reply(approver, CODE, 999_999, "Tidak ada.")
    with pytest.raises(Unprocessable):
        service.comment(approver, CODE, "  ")


def test_the_overview_says_what_is_possible(
    session: Session, changed: Desk, steps: Steps, planner: Actor, approver: Actor, resident: Actor
) -> None:
    def possible(who: Actor) -> Any:
        return service.overview(who, CODE, "id")["possible"]

    assert (possible(planner), possible(approver)) == (["submit"], [])
    steps["submit"]()
    assert (possible(planner), possible(approver)) == (["take_back"], ["send_back", "approve"])
    steps["approve"]()
    assert (possible(planner), possible(approver)) == ([], ["send_back", "publish"])
    assert len(service.overview(approver, CODE, "id")["missing"]) == 5
    with pytest.raises(Forbidden):
        service.overview(resident, CODE, "id")
