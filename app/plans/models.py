"""Plans and their versions, zones and their revisions, the rules of each version, and what was imported.

The model of versions: a ``Zone`` is a lasting identity; a ``ZoneRevision`` its geometry and attributes, never updated;
``VersionZone`` is the manifest that says which revision of which zone is in which version. Rules belong to the version
as well. What is published is immutable: triggers in the migrations guard it (see migrations/README.md).
Geometry in EPSG:4326; areas in m2 of the plan's metric CRS.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, JSON, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import db, one_of

VERSION_STATES = ("draft", "review", "published", "withdrawn")
CHANGESET_KINDS = ("import", "edit", "undo", "redo", "restore", "repair", "exchange")
RULE_TABLES = ("itbx", "conditions", "intensity", "overlays")
VERDICTS = ("allowed", "limited", "conditional", "limited_conditional", "forbidden", "undecided")


class Plan(db.Model):
    """A spatial plan. utm_zone and south name its metric CRS (UTM on GRS80); region bounds where its zones may lie."""

    __tablename__ = "plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    utm_zone: Mapped[int] = mapped_column(Integer)
    south: Mapped[bool] = mapped_column(Boolean)
    scale: Mapped[int] = mapped_column(Integer)
    accuracy_m: Mapped[float] = mapped_column(Float)
    sample: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    priority: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    region: Mapped[list[float]] = mapped_column(ARRAY(Float))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    versions: Mapped[list[PlanVersion]] = relationship(back_populates="plan", order_by="PlanVersion.seq")


class PlanVersion(db.Model):
    """One version of a plan. valid is the range of days, in the city's calendar, on which it is in force."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("plan_id", "seq"),
        CheckConstraint(one_of("state", VERSION_STATES), name="state"),
        CheckConstraint(
            "state NOT IN ('published', 'withdrawn') OR"
            " (valid IS NOT NULL AND NOT isempty(valid) AND NOT lower_inf(valid)"
            " AND content_hash IS NOT NULL AND published_at IS NOT NULL)",
            name="published_is_complete",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name="withdrawn_has_reason",
        ),
        ExcludeConstraint(
            ("plan_id", "="),
            ("valid", "&&"),
            where=text("state = 'published'"),
            using="gist",
            name="ex_plan_version_valid",
        ),
        Index(
            "uq_plan_version_open",
            "plan_id",
            unique=True,
            postgresql_where=text("state IN ('draft', 'review')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    seq: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12), server_default="draft")
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("plan_version.id"))
    valid: Mapped[Range[dt.date] | None] = mapped_column(DATERANGE)
    legal_reference: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    overlaps_m2: Mapped[float | None] = mapped_column(Float)
    gaps_m2: Mapped[float | None] = mapped_column(Float)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    published_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)
    # What changed and why, for everybody to read.
    summary: Mapped[str | None] = mapped_column(Text)

    plan: Mapped[Plan] = relationship(back_populates="versions")


class Changeset(db.Model):
    """Who changed a draft, when, and why: an import, an edit, or the undoing (redoing) of one, which ``reverts_id`` names.

    key: chosen by whoever sends it, so that one sent twice is stored once. moves_footprint: the plan's outer border was
    meant to move. lineage: rows of ``zone_lineage`` that it added, as [parent, child, kind].
    """

    __tablename__ = "changeset"
    __table_args__ = (
        UniqueConstraint("version_id", "key"),
        CheckConstraint(one_of("kind", CHANGESET_KINDS), name="kind"),
        CheckConstraint("(kind IN ('undo', 'redo')) = (reverts_id IS NOT NULL)", name="reverts"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(Text, server_default="import")
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("changeset.id", ondelete="CASCADE"))
    key: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    moves_footprint: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    lineage: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))


class ChangesetZone(db.Model):
    """What a changeset did to one zone: from which revision to which. No old one: it made the zone; no new one: it took
    it out of the draft. position: the zone's place in the manifest."""

    __tablename__ = "changeset_zone"
    __table_args__ = (
        ForeignKeyConstraint(["old_revision_id", "zone_id"], ["zone_revision.id", "zone_revision.zone_id"]),
        ForeignKeyConstraint(["new_revision_id", "zone_id"], ["zone_revision.id", "zone_revision.zone_id"]),
        CheckConstraint("old_revision_id IS DISTINCT FROM new_revision_id", name="something_changed"),
    )

    changeset_id: Mapped[int] = mapped_column(ForeignKey("changeset.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True, index=True)
    old_revision_id: Mapped[int | None] = mapped_column(BigInteger)
    new_revision_id: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(Integer)


class Zone(db.Model):
    """A zone's lasting identity, through every version and reshaping."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("id", "plan_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))


class ZoneRevision(db.Model):
    """A zone's geometry and attributes at one time; never updated. overlays: column name -> value verbatim."""

    __tablename__ = "zone_revision"
    __table_args__ = (UniqueConstraint("id", "zone_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), index=True)
    changeset_id: Mapped[int | None] = mapped_column(ForeignKey("changeset.id", ondelete="SET NULL"))
    subzone_code: Mapped[str] = mapped_column(Text)
    block: Mapped[str | None] = mapped_column(Text)
    sub_block: Mapped[str | None] = mapped_column(Text)
    legal_area_ha: Mapped[float | None] = mapped_column(Float)
    area_m2: Mapped[float] = mapped_column(Float)
    overlays: Mapped[dict[str, Any]] = mapped_column(JSONB)
    remark: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)


class VersionZone(db.Model):
    """The manifest: which revision of which zone is in which version; from which source feature it came."""

    __tablename__ = "version_zone"
    __table_args__ = (
        ForeignKeyConstraint(["revision_id", "zone_id"], ["zone_revision.id", "zone_revision.zone_id"]),
        Index("ix_version_zone_revision_id", "revision_id"),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(Integer)


class ZoneLineage(db.Model):
    """Where a zone came from when it was split off, merged or carved in a version."""

    __tablename__ = "zone_lineage"
    __table_args__ = (CheckConstraint("kind IN ('split', 'merge', 'carve', 'repair')", name="kind"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    parent_zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    child_zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))


class SourceFile(db.Model):
    """The file that a version was imported from, with what is needed to write it out again as it came in."""

    __tablename__ = "source_file"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    filename: Mapped[str] = mapped_column(Text)
    layer: Mapped[str] = mapped_column(Text)
    driver: Mapped[str] = mapped_column(Text)
    crs: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    schema: Mapped[dict[str, Any]] = mapped_column(JSON)
    imported_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SourceFeature(db.Model):
    """One feature as it came in: WKB (Z kept, bit by bit) in the source's CRS, columns in order, values verbatim.

    A refused feature is kept too, with the reason. Nothing here is rounded or repaired. properties are written by
    ``verbatim.to_json`` and read by ``verbatim.from_json``.
    """

    __tablename__ = "source_feature"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    properties: Mapped[dict[str, Any]] = mapped_column(JSON)
    geometry: Mapped[bytes | None] = mapped_column(LargeBinary)
    refused: Mapped[str | None] = mapped_column(Text)
    repaired_m2: Mapped[float | None] = mapped_column(Float)


class Subzone(db.Model):
    """The code list of one version: sub-zones with their official digits, names and colour (#rrggbb)."""

    __tablename__ = "subzone"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    domain_code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    zone: Mapped[str | None] = mapped_column(Text)
    group: Mapped[str | None] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(String(7))
    colour_official: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int] = mapped_column(Integer)


class Activity(db.Model):
    """An activity of the ITBX table. kbli: codes of kbli_edition, possibly none, possibly several."""

    __tablename__ = "activity"
    __table_args__ = (
        Index(
            "ix_activity_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    activity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kbli: Mapped[list[str]] = mapped_column(ARRAY(Text))
    kbli_edition: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    kbli_title: Mapped[str | None] = mapped_column(Text)
    category: Mapped[str | None] = mapped_column(Text)
    synonyms: Mapped[list[str]] = mapped_column(ARRAY(Text))
    search_text: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)


class PermittedUse(db.Model):
    """One cell of the ITBX table, as it stands and as it was read."""

    __tablename__ = "permitted_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "activity_id"], ["activity.version_id", "activity.activity_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["version_id", "subzone_code"], ["subzone.version_id", "subzone.code"], ondelete="CASCADE"
        ),
        CheckConstraint(one_of("verdict", VERDICTS), name="verdict"),
    )

    version_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    activity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    subzone_code: Mapped[str] = mapped_column(Text, primary_key=True)
    cell: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(20))
    conditions: Mapped[list[str]] = mapped_column(ARRAY(Text))


class UseCondition(db.Model):
    """What T1, B2, ... mean in this plan, with the article."""

    __tablename__ = "use_condition"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    article: Mapped[str | None] = mapped_column(Text)


class IntensityRule(db.Model):
    """One row of the intensity table; a value that the plan does not state is null."""

    __tablename__ = "intensity_rule"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    subzone_code: Mapped[str] = mapped_column(Text)
    applies: Mapped[str | None] = mapped_column(Text)
    road_class: Mapped[str | None] = mapped_column(Text)
    lot_min_m2: Mapped[float | None] = mapped_column(Float)
    lot_max_m2: Mapped[float | None] = mapped_column(Float)
    building_type: Mapped[str | None] = mapped_column(Text)
    kdb_max_pct: Mapped[float | None] = mapped_column(Float)
    klb_max_ratio: Mapped[float | None] = mapped_column(Float)
    kdh_min_pct: Mapped[float | None] = mapped_column(Float)
    ktb_max_pct: Mapped[float | None] = mapped_column(Float)
    gsb_min_m: Mapped[float | None] = mapped_column(Float)
    side_min_m: Mapped[float | None] = mapped_column(Float)
    rear_min_m: Mapped[float | None] = mapped_column(Float)
    height_max_m: Mapped[float | None] = mapped_column(Float)
    floors_max: Mapped[int | None] = mapped_column(Integer)
    article: Mapped[str | None] = mapped_column(Text)


class OverlayRule(db.Model):
    """What an overlay (ketentuan khusus) means for a value; class '*' stands for every value of its kind."""

    __tablename__ = "overlay_rule"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    class_: Mapped[str] = mapped_column("class", Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    article: Mapped[str | None] = mapped_column(Text)


class Article(db.Model):
    """An article of the plan's text, so that what is cited can be read."""

    __tablename__ = "article"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)


class RuleChange(db.Model):
    """What somebody changed in a rule table of a draft; appended to only.

    rows: [{key, before, after}], each side the row's cells as text, or null where it is not there.
    """

    __tablename__ = "rule_change"
    __table_args__ = (
        CheckConstraint(one_of("kind", ("edit", "import", "restore")), name="kind"),
        CheckConstraint(one_of("rule_table", RULE_TABLES), name="rule_table"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), index=True)
    rule_table: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))
    author: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    comment: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[Any]] = mapped_column(JSONB)
    hash_before: Mapped[str] = mapped_column(String(64))
    hash_after: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class KbliCorrespondence(db.Model):
    """Which code of one KBLI edition became which of another: many to many, as data."""

    __tablename__ = "kbli_correspondence"

    from_edition: Mapped[str] = mapped_column(Text, primary_key=True)
    from_code: Mapped[str] = mapped_column(Text, primary_key=True)
    to_edition: Mapped[str] = mapped_column(Text, primary_key=True)
    to_code: Mapped[str] = mapped_column(Text, primary_key=True)
    note: Mapped[str | None] = mapped_column(Text)


class TileZone(db.Model):
    """Zone geometry for low-zoom tiles: simplified as a coverage, per version and zoom. Derived, rebuilt at will."""

    __tablename__ = "tile_zone"

    version_id: Mapped[int] = mapped_column(ForeignKey("plan_version.id", ondelete="CASCADE"), primary_key=True)
    zoom: Mapped[int] = mapped_column(Integer, primary_key=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"), primary_key=True)
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=3857, spatial_index=True), nullable=False)
