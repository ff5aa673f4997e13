"""What the zones of a version must cover: the land that they began with, and what was meant to change of it.

A version opened from a published one begins with its zones; what that had of gaps and overlaps was accepted then and
stands against nothing now. An imported layer begins with what was imported, whose gaps and overlaps nobody has accepted.
Geometries in EPSG:4326, areas m2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from sqlalchemy.orm import Session

from app.plans import queries
from app.plans.models import PlanVersion
from gis.coverage import CoverageReport, Gap, as_array, validate
from gis.crs import Geometries, MetricCrs
from gis.footprint import BorderMove, FootprintDifference, difference_from, opened_since
from gis.zone_edits import same_bits


@dataclass(frozen=True)
class Beginning:
    """How a version began.

    outlines: zones reshaped since, as they were; None for those that were not there. moves: edits that were meant to
    move the plan's outer border. imported: from a layer.
    """

    outlines: Mapping[int, shapely.Geometry | None]
    moves: tuple[BorderMove, ...]
    imported: bool

    def difference(self, zones: Mapping[int, shapely.Geometry], metric: MetricCrs) -> FootprintDifference:
        """Where the zones as they are now have left the footprint."""
        return difference_from(self.outlines, zones, self.moves, metric)

    def accepted_hole(self, hole: Gap) -> bool:
        """Whether enclosed land without a zone was so already in the published version."""
        return not self.imported and not opened_since(hole, self.outlines)

    def accepted_overlap(self, first: int, second: int) -> bool:
        """Whether two zones overlap as they did in the published version."""
        return not self.imported and self.outlines.keys().isdisjoint((first, second))


def full_check(
    session: Session, version: PlanVersion, ids: Sequence[int], geometries: Geometries, metric: MetricCrs
) -> tuple[CoverageReport, CoverageReport]:
    """A version's zones as a coverage over the whole footprint: everything found, and what nobody has accepted yet.

    ids, geometries: of its zones, in the same order. ``outside_m2`` of the second is land beyond the footprint.
    """
    zones = dict(zip(ids, geometries, strict=True))
    began = beginning(session, version, zones)
    found = validate(geometries, metric)
    left = began.difference(zones, metric)
    position = {zone: number for number, zone in enumerate(ids)}
    lost = tuple(replace(gap, zones=tuple(position[zone] for zone in gap.zones)) for gap in left.lost)
    holes = tuple(hole for hole in found.gaps if not within_any(hole, left.lost))
    standing = replace(
        found,
        gaps=(*lost, *(hole for hole in holes if not began.accepted_hole(hole))),
        overlaps=tuple(
            item for item in found.overlaps if not began.accepted_overlap(ids[item.first], ids[item.second])
        ),
        outside_m2=sum(excess.area_m2 for excess in left.gained),
    )
    return replace(found, gaps=(*lost, *holes)), standing


def within_any(hole: Gap, gaps: Iterable[Gap]) -> bool:
    """Whether a hole is told already by one of the gaps."""
    place = shapely.Point(hole.lon, hole.lat)
    return any(shapely.intersects(gap.geometry, place) for gap in gaps)


def beginning(session: Session, version: PlanVersion, zones: Mapping[int, shapely.Geometry]) -> Beginning:
    """How a version began. zones: its zones now."""
    rows = queries.changes_since_beginning(session, version.id)
    first: dict[int, int | None] = {}
    moves: dict[int, list[tuple[int | None, int | None]]] = {}
    for row in rows:
        first.setdefault(row.zone_id, row.old_revision_id)
        if row.moves_footprint:
            moves.setdefault(row.changeset_id, []).append((row.old_revision_id, row.new_revision_id))
    wanted = {revision for revision in first.values() if revision is not None}
    wanted |= {revision for pairs in moves.values() for pair in pairs for revision in pair if revision is not None}
    known = queries.outlines(session, wanted)
    outlines = {zone: None if revision is None else known[revision] for zone, revision in first.items()}
    return Beginning(
        outlines={zone: outline for zone, outline in outlines.items() if not same_bits(outline, zones.get(zone))},
        moves=tuple(
            BorderMove(
                as_array(known[old] for old, _ in pairs if old is not None),
                as_array(known[new] for _, new in pairs if new is not None),
            )
            for pairs in moves.values()
        ),
        imported=queries.was_imported(session, version.id),
    )
