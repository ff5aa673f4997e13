"""The way of a version from draft to publication, as one table: who may do what at which stage, and what follows.

Plain values, without Flask and without the database. A stage is what the version's state and the last recorded step
come to: a version under review whose last step is an approval is ``approved``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from app.accounts.roles import Actor, require
from app.errors import Conflict, Forbidden

STAGES = ("draft", "review", "approved", "published", "withdrawn")
# What is kept of each step, with person, time and reason.
RECORDED = ("submit", "take_back", "send_back", "approve", "publish", "withdraw")


@dataclass(frozen=True)
class Transition:
    """One step. others_work: only somebody who had no part in the draft may take it. needs_reason: why, in words."""

    action: str
    from_stages: frozenset[str]
    to_stage: str
    role: str
    others_work: bool = False
    needs_reason: bool = False


TRANSITIONS = {
    transition.action: transition
    for transition in (
        Transition("submit", frozenset({"draft"}), "review", "planner", needs_reason=True),
        Transition("take_back", frozenset({"review"}), "draft", "planner"),
        Transition("send_back", frozenset({"review", "approved"}), "draft", "approver", needs_reason=True),
        Transition("approve", frozenset({"review"}), "approved", "approver", others_work=True),
        Transition("publish", frozenset({"approved"}), "published", "approver", others_work=True),
        Transition("withdraw", frozenset({"published"}), "withdrawn", "approver", needs_reason=True),
    )
}

STAGE_NAMES = {
    "draft": lazy_gettext("Being drafted"),
    "review": lazy_gettext("Under review"),
    "approved": lazy_gettext("Approved, not published yet"),
    "published": lazy_gettext("Published"),
    "withdrawn": lazy_gettext("Withdrawn"),
}


def stage_of(state: str, last_action: str | None) -> str:
    """The stage of a version in a state, after its last recorded step."""
    return "approved" if state == "review" and last_action == "approve" else state


def state_at(stage: str) -> str:
    """The version's state at a stage."""
    return "review" if stage == "approved" else stage


def checked(action: str, stage: str, actor: Actor, authors: frozenset[int]) -> Transition:
    """The transition, if the actor may take it now. authors: accounts that had a part in the draft.

    Raises NotSignedIn, Forbidden for another role or for one's own work, Conflict at another stage.
    """
    transition = TRANSITIONS[action]
    require(actor, transition.role)
    if stage not in transition.from_stages:
        raise Conflict(
            gettext("This cannot be done now: the version is at the stage “%(stage)s”.", stage=str(STAGE_NAMES[stage]))
        )
    if transition.others_work and actor.account_id in authors:
        raise Forbidden(
            gettext("You worked on this draft, so you cannot approve or publish it."),
            hint=gettext("Ask another approver: two people must have seen a plan before it is in force."),
        )
    return transition


def possible(stage: str, actor: Actor, authors: frozenset[int]) -> Sequence[str]:
    """The steps that the actor may take now."""
    return [
        name
        for name, transition in TRANSITIONS.items()
        if stage in transition.from_stages
        and actor.has(transition.role)
        and not (transition.others_work and actor.account_id in authors)
    ]
