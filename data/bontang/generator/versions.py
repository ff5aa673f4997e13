"""The second version of the plan: some thirty zones recoded, split, merged, reshaped or added; the others untouched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrangement import Faces, components
from .frame import dice
from .zoning import Zone, make_zone

RECODED = (
    ("R-3", "K-3", 3),
    ("R-2", "C-1", 3),
    ("R-4", "R-3", 2),
    ("K-3", "K-1", 2),
    ("HPK", "RTH-1", 1),
    ("HPK", "KPI", 1),
)
SPLIT = (("R-2", "C-1"), ("R-3", "SPU-3"), ("R-3", "R-2"), ("R-4", "RTH-4"), ("R-4", "PL-6"))
RESHAPED, MERGED, ADDED = 3, 3, 3


class Revision:
    """Changes a list of zones, one kind of change after another; no zone is changed twice."""

    def __init__(self, faces: Faces, zones: list[Zone]) -> None:
        self._faces = faces
        self.zones: dict[int, Zone] = dict(enumerate(zones))
        self._zone_of = np.zeros(len(faces.polygon), dtype=np.int64)
        for number, zone in self.zones.items():
            self._zone_of[zone.faces] = number
        self._near = self._neighbours()
        self._touched: set[int] = set()
        self._rng = dice("revision")

    def _neighbours(self) -> dict[int, list[int]]:
        pairs = np.unique(np.sort(self._zone_of[self._faces.pairs], axis=1), axis=0)
        near: dict[int, list[int]] = {}
        for a, b in pairs.tolist():
            if a != b:
                near.setdefault(a, []).append(b)
                near.setdefault(b, []).append(a)
        return near

    def revise(self) -> list[Zone]:
        """Make all changes and return the zones: the unchanged ones as they were and in their order."""
        for old, new, count in RECODED:
            for number in self._some(old, count, 1):
                zone = self.zones[number]
                self._replace(number, Zone(new, zone.faces, zone.kelurahan, zone.polygon, zone.area_m2))
        for old, new in SPLIT:
            for number in self._some(old, 1, 2):
                self._split(number, new)
        self._reshape()
        self._merge()
        for number in self._some("R-3", ADDED, 3):
            self._carve(number)
        return [self.zones[number] for number in sorted(self.zones)]

    def _some(self, code: str, count: int, least_faces: int) -> list[int]:
        """Choose untouched zones of a code, of ordinary size."""
        fits = [
            number
            for number, zone in self.zones.items()
            if zone.code == code
            and number not in self._touched
            and len(zone.faces) >= least_faces
            and zone.area_m2 > 2500
        ]
        chosen = [fits[i] for i in self._rng.permutation(len(fits))[:count]]
        self._touched.update(chosen)
        return chosen

    def _replace(self, number: int, *zones: Zone) -> None:
        """Put zones in the place of one: the first keeps its number, further ones are appended."""
        self.zones[number] = zones[0]
        for zone in zones[1:]:
            new = max(self.zones) + 1
            self.zones[new] = zone
            self._touched.add(new)

    def _connected(self, members: NDArray[np.int64]) -> bool:
        position = {int(face): i for i, face in enumerate(members)}
        inside = np.isin(self._faces.pairs, members).all(axis=1)
        pairs = np.array([[position[a], position[b]] for a, b in self._faces.pairs[inside].tolist()], dtype=np.int64)
        return len(members) > 0 and components(len(members), pairs.reshape(-1, 2)).max() == 0

    def _cut(self, zone: Zone, least_m2: float) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
        """Cut a zone in two along its lanes: one face off the rest, or None where that leaves three pieces."""
        order = zone.faces[np.argsort(-self._faces.area_m2[zone.faces])]
        for face in order:
            part, rest = np.array([face]), zone.faces[zone.faces != face]
            if (
                self._faces.area_m2[face] > least_m2
                and self._faces.area_m2[rest].sum() > least_m2
                and self._connected(rest)
            ):
                return part, rest
        return None

    def _split(self, number: int, code: str) -> None:
        zone = self.zones[number]
        cut = self._cut(zone, 900.0)
        if cut:
            part, rest = cut
            self._replace(number, make_zone(self._faces, zone.code, rest), make_zone(self._faces, code, part))

    def _carve(self, number: int) -> None:
        """Add a small park inside a quarter."""
        zone = self.zones[number]
        cut = self._cut(zone, 400.0)
        if cut:
            part, rest = cut
            self._replace(number, make_zone(self._faces, zone.code, rest), make_zone(self._faces, "RTH-4", part))

    def _pairs(self, wanted: str) -> list[tuple[int, int]]:
        """List neighbouring untouched zones of one kelurahan that could exchange land, in a fixed random order."""
        pairs = []
        for a, near in sorted(self._near.items()):
            for b in near:
                one, other = self.zones[a], self.zones[b]
                homes = one.code.startswith(wanted) and other.code.startswith(("R-", "K-", "C-", "SPU"))
                if a != b and homes and one.kelurahan == other.kelurahan and not {a, b} & self._touched:
                    pairs.append((a, b))
        return [pairs[i] for i in self._rng.permutation(len(pairs))]

    def _reshape(self) -> None:
        """Move the border between two zones by the width of a face."""
        done = 0
        for a, b in self._pairs("R-"):
            if done == RESHAPED:
                return
            if {a, b} & self._touched or len(self.zones[a].faces) < 2:
                continue
            for face in self.zones[a].faces:
                rest = self.zones[a].faces[self.zones[a].faces != face]
                grown = np.sort(np.append(self.zones[b].faces, face))
                if 300 < self._faces.area_m2[face] < 9000 and self._connected(rest) and self._connected(grown):
                    self.zones[a] = make_zone(self._faces, self.zones[a].code, rest)
                    self.zones[b] = make_zone(self._faces, self.zones[b].code, grown)
                    self._touched |= {a, b}
                    done += 1
                    break

    def _merge(self) -> None:
        """Unite two neighbours of one kind, or of two kinds under the larger one's code."""
        done = 0
        for a, b in self._pairs("R-"):
            if done == MERGED:
                return
            if {a, b} & self._touched or max(self.zones[a].area_m2, self.zones[b].area_m2) > 60_000:
                continue
            larger = max((self.zones[a], self.zones[b]), key=lambda zone: zone.area_m2)
            faces = np.sort(np.concatenate([self.zones[a].faces, self.zones[b].faces]))
            self.zones[a] = make_zone(self._faces, larger.code, faces)
            del self.zones[b]
            self._touched |= {a, b}
            self._near.pop(b)
            for near in self._near.values():
                if b in near:
                    near.remove(b)
            done += 1
