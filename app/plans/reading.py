"""Read a zone layer feature by feature: what becomes a zone, what is refused and why, what is doubtful."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from flask_babel import gettext

from app.gis_messages import said
from gis.coverage import CoverageReport
from gis.crs import MetricCrs
from gis.errors import Problem
from gis.rdtr.codes import CodeList
from gis.rdtr.columns import as_text, lookup
from gis.rdtr.mapping import LayerMapping
from gis.rdtr.zone_layer import ZoneRecord, area_problem, check_columns, read_zone
from gis.vector_files import SourceFeature, VectorLayer

Progress = Callable[[int, int | None], None]


def silent(_done: int, _total: int | None) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Finding:
    """One thing found. number: of the feature, from 1. lon, lat: where, in degrees. area_m2: how large."""

    kind: str
    message: str
    hint: str | None = None
    number: int | None = None
    lon: float | None = None
    lat: float | None = None
    area_m2: float | None = None


@dataclass
class ImportOutcome:
    """What an import read and found, and whether it was kept."""

    plan: str
    seq: int
    file: str
    layer: str
    crs: str
    read: int = 0
    zones: int = 0
    refusals: list[Finding] = field(default_factory=list)
    repairs: list[Finding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    # Number in the file of each zone, by its position in ``coverage``.
    numbers: list[int] = field(default_factory=list)
    local_codes: dict[str, int] = field(default_factory=dict)
    coverage: CoverageReport | None = None
    kept: bool = False
    reason: str | None = None


@dataclass
class ReadLayer:
    """Features that became zones, in file order; geometry as MultiPolygon in EPSG:4326."""

    features: list[SourceFeature] = field(default_factory=list)
    records: list[ZoneRecord] = field(default_factory=list)
    geometries: list[shapely.Geometry] = field(default_factory=list)
    refused: list[tuple[SourceFeature, str]] = field(default_factory=list)


def read_layer(
    layer: VectorLayer, code_list: CodeList, mapping: LayerMapping, outcome: ImportOutcome, progress: Progress
) -> ReadLayer:
    """Read all features; one bad feature costs one feature. Counts and findings go into the outcome."""
    read = ReadLayer()
    for note in (*layer.notes, *check_columns(layer.columns, mapping)):
        outcome.findings.append(finding("note", note))
    for feature in layer:
        outcome.read += 1
        if feature.refused or feature.lonlat is None:
            assert feature.problem is not None  # noqa: S101 - a feature without geometry has a problem
            _refuse(read, outcome, feature, feature.problem)
        else:
            _take(read, outcome, feature, read_zone(feature.properties, code_list, mapping))
        progress(outcome.read, len(layer))
    outcome.zones = len(read.records)
    outcome.numbers = [feature.number for feature in read.features]
    return read


def _take(read: ReadLayer, outcome: ImportOutcome, feature: SourceFeature, record: ZoneRecord) -> None:
    problem = _unstorable(record) or (record.problems[0] if record.subzone_code is None else None)
    if problem is not None:
        _refuse(read, outcome, feature, problem)
        return
    read.features.append(feature)
    read.records.append(record)
    read.geometries.append(as_multi(shapely.force_2d(feature.lonlat)))
    if feature.problem is not None:
        # An invalid outline can be repaired; until then it keeps the layer from being imported.
        outcome.findings.append(finding("invalid", feature.problem, feature.number))
    outcome.findings += [finding("attribute", problem, feature.number) for problem in record.problems]


def _unstorable(record: ZoneRecord) -> Problem | None:
    """A text with a null character or half a surrogate pair, which no database column takes."""
    texts = (record.subzone_code, record.block, record.sub_block, record.remark)
    for text in (*texts, *(value.value for value in record.overlays.values())):
        if text is not None and ("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)):
            return Problem("feature_unreadable", {"reason": f"{text!a} is not a text"})
    return None


def _refuse(read: ReadLayer, outcome: ImportOutcome, feature: SourceFeature, problem: Problem) -> None:
    refusal = finding("refused", problem, feature.number)
    if refusal.lon is None and feature.lonlat is not None and not feature.lonlat.is_empty:
        point = feature.lonlat.centroid
        refusal = replace(refusal, lon=point.x, lat=point.y)
    outcome.refusals.append(refusal)
    read.refused.append((feature, refusal.message))


def finding(kind: str, problem: Problem, number: int | None = None) -> Finding:
    """A problem as a finding in the reader's language."""
    return Finding(
        kind,
        said(problem.template, problem.params),
        gettext(problem.hint) if problem.hint else None,
        number,
        problem.lon,
        problem.lat,
    )


def as_multi(geometry: shapely.Geometry) -> shapely.Geometry:
    """The same as a MultiPolygon."""
    return geometry if geometry.geom_type == "MultiPolygon" else shapely.multipolygons([geometry])


def local_codes(read: ReadLayer, outcome: ImportOutcome) -> dict[str, str]:
    """Codes that the list lacks with the name that the layer gives them; counts their zones in the outcome."""
    names: dict[str, str] = {}
    for feature, record in zip(read.features, read.records, strict=True):
        if record.code_known or record.subzone_code is None:
            continue
        code = record.subzone_code
        outcome.local_codes[code] = outcome.local_codes.get(code, 0) + 1
        stated = (as_text(lookup(feature.properties, column)) for column in ("NAMSZN", "NAMOBJ", "NAMZON"))
        names.setdefault(code, next((text for text in stated if text and not text.isdigit()), code))
    return names


def check_areas(read: ReadLayer, metric: MetricCrs, outcome: ImportOutcome) -> None:
    """Report drawn areas that differ from the legal one; the legal one is never overwritten."""
    areas = metric.area_m2(np.array(read.geometries, dtype=object)) if read.geometries else []
    for feature, record, geometry, area in zip(read.features, read.records, read.geometries, areas, strict=True):
        problem = area_problem(record.legal_area_ha, float(area))
        if problem is not None:
            point = geometry.centroid
            outcome.findings.append(replace(finding("area", problem, feature.number), lon=point.x, lat=point.y))
