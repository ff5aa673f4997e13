"""What an edit is: the old and the new outline of every zone it touches, and who came from whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import shapely

from gis.edit_errors import EditError
from gis.zone_edits.outlines import same_bits

ZoneId: TypeAlias = int
# Stored zones have positive numbers, zones that an edit makes negative ones until they are stored.
Zones: TypeAlias = Mapping[ZoneId, shapely.Geometry]
LineageKind: TypeAlias = Literal["split", "merge", "carve"]
Footprint: TypeAlias = Literal["keep", "may_change"]


@dataclass(frozen=True)
class Delta:
    """A zone's outline before and after, lon/lat, EPSG:4326. old is None for a new zone, new for one that vanishes."""

    old: shapely.Geometry | None
    new: shapely.Geometry | None


@dataclass(frozen=True)
class Lineage:
    """child has land of parent: parent was split, merged into child, or child was carved out of it."""

    parent: ZoneId
    child: ZoneId
    kind: LineageKind


@dataclass(frozen=True)
class Edit:
    """One operation's result, to be applied, stored, undone.

    changes: only zones whose outline differs by a bit. lineage: what the edit adds to the plan's lineage; revoked:
    what it takes back, for one that undoes another.
    """

    changes: Mapping[ZoneId, Delta]
    lineage: tuple[Lineage, ...] = ()
    revoked: tuple[Lineage, ...] = ()

    def inverse(self) -> Edit:
        """The edit that undoes this one, bit by bit."""
        swapped = {zone: Delta(delta.new, delta.old) for zone, delta in self.changes.items()}
        return Edit(swapped, self.revoked, self.lineage)

    def apply(self, zones: Zones) -> dict[ZoneId, shapely.Geometry]:
        """The zones after the edit; those it does not touch are the very same objects.

        Raises EditError "edit_stale" when a zone is not bit by bit what the edit began with.
        """
        stale = [zone for zone, delta in self.changes.items() if not same_bits(zones.get(zone), delta.old)]
        if stale:
            raise EditError("edit_stale", zones=stale)
        result = dict(zones)
        for zone, delta in self.changes.items():
            if delta.new is None:
                result.pop(zone, None)
            else:
                result[zone] = delta.new
        return result

    def then(self, later: Edit) -> Edit:
        """Both edits as one, for saving a session at once. Raises EditError "edit_stale" when they do not follow."""
        changes = dict(self.changes)
        for zone, delta in later.changes.items():
            first = changes.get(zone)
            if first is not None and not same_bits(first.new, delta.old):
                raise EditError("edit_stale", zones=[zone])
            changes[zone] = Delta(first.old if first is not None else delta.old, delta.new)
        changes = {zone: delta for zone, delta in changes.items() if not same_bits(delta.old, delta.new)}
        lineage, revoked = list(self.lineage), list(self.revoked)
        for gone in later.revoked:
            # What the first edit added and the second takes back never happened, and the other way round.
            lineage.remove(gone) if gone in lineage else revoked.append(gone)
        for added in later.lineage:
            revoked.remove(added) if added in revoked else lineage.append(added)
        return Edit(changes, tuple(lineage), tuple(revoked))


def new_ids(zones: Zones) -> Iterator[ZoneId]:
    """Placeholders for new zones: negative, below every number in use."""
    number = min(0, min(zones, default=0)) - 1
    while True:
        yield number
        number -= 1
