"""Places: administrative areas down to RT, parcels, roads and landmarks. Geometry in EPSG:4326."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Float, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.database import db, one_of

AREA_LEVELS = ("city", "kecamatan", "kelurahan", "rt", "sea", "neighbour")
ROAD_CLASSES = ("arteri", "kolektor", "lokal", "lingkungan")


class Area(db.Model):
    """An administrative area. code: Kemendagri's; bps_code: the statistics office's; neither follows from the other."""

    __tablename__ = "area"
    __table_args__ = (
        CheckConstraint(one_of("level", AREA_LEVELS), name="level"),
        Index("ix_area_level_code", "level", "code", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    bps_code: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(Text)
    parent_code: Mapped[str | None] = mapped_column(String(32))
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    geom: Mapped[Any] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=True), nullable=False)


class Parcel(db.Model):
    """A land parcel by its NIB tanah (Nomor Identifikasi Bidang; not the business number). No owner is ever stored."""

    __tablename__ = "parcel"

    id: Mapped[int] = mapped_column(primary_key=True)
    nib: Mapped[str] = mapped_column(String(20), unique=True)
    kelurahan_code: Mapped[str | None] = mapped_column(String(32))
    geom: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=4326, spatial_index=True), nullable=False)


class Road(db.Model):
    """A road with the class that intensity rules ask for."""

    __tablename__ = "road"
    __table_args__ = (CheckConstraint(one_of("road_class", ROAD_CLASSES), name="road_class"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    road_class: Mapped[str] = mapped_column(String(16))
    geom: Mapped[Any] = mapped_column(Geometry("MULTILINESTRING", srid=4326, spatial_index=True), nullable=False)


class Landmark(db.Model):
    """A place that people navigate by: a mosque, a market, a kampung on stilts."""

    __tablename__ = "landmark"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    kelurahan_code: Mapped[str | None] = mapped_column(String(32))
    geom: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326, spatial_index=True), nullable=False)


class PlaceName(db.Model):
    """One searchable name: filled from areas, roads and landmarks, one row per name or alias.

    search_text is the name in the folded form that queries are folded to as well (lower case, no marks).
    """

    __tablename__ = "place_name"
    __table_args__ = (
        Index(
            "ix_place_name_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    ref_id: Mapped[int]
    label: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    rank: Mapped[int]
    lon: Mapped[float]
    lat: Mapped[float]
    bbox: Mapped[list[float]] = mapped_column(ARRAY(Float))
