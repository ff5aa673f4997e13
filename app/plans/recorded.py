"""Words for what plans and drafts write into the record of who did what."""

from __future__ import annotations

from flask_babel import lazy_gettext

from app.accounts.wording import explain


def init() -> None:
    """Give the record its words; once, when the application is made."""
    explain(
        actions={
            "draft_opened": lazy_gettext("opened a draft"),
            "draft_changed": lazy_gettext("changed a draft"),
            "draft_discarded": lazy_gettext("threw a draft away"),
            "draft_exported": lazy_gettext("took a draft out for another program"),
            "version_published": lazy_gettext("published a version"),
            "version_withdrawn": lazy_gettext("withdrew a version"),
            "erratum_added": lazy_gettext("added a correction notice"),
            "review_submit": lazy_gettext("submitted a draft for review"),
            "review_take_back": lazy_gettext("took a draft back from review"),
            "review_send_back": lazy_gettext("returned a draft to the planners"),
            "review_approve": lazy_gettext("approved a draft"),
            "review_publish": lazy_gettext("let a draft be published"),
            "review_withdraw": lazy_gettext("let a version be withdrawn"),
            "review_commented": lazy_gettext("commented in a review"),
            "milestone_recorded": lazy_gettext("recorded a milestone"),
            "milestone_removed": lazy_gettext("removed a milestone"),
            "remark_recorded": lazy_gettext("recorded a remark of the ministry"),
            "remark_answered": lazy_gettext("answered a remark of the ministry"),
            "remark_settled": lazy_gettext("settled a remark of the ministry"),
            "remark_reopened": lazy_gettext("opened a remark of the ministry again"),
            "hearing_announced": lazy_gettext("announced a public hearing"),
            "hearing_cancelled": lazy_gettext("cancelled a public hearing"),
            "hearing_answered": lazy_gettext("answered a comment of the hearing"),
            "hearing_comment_hidden": lazy_gettext("hid a comment of the hearing"),
            "rules_changed": lazy_gettext("changed the rules of a draft"),
            "layer_imported": lazy_gettext("brought a layer into a draft"),
            "job_cancelled": lazy_gettext("stopped what was being done in the background"),
        },
        subjects={
            "plan_version": lazy_gettext("plan version"),
            "hearing_comment": lazy_gettext("comment"),
            "job": lazy_gettext("job"),
        },
    )
