"""Two changed outlines of one zone brought together node by node, ring by ring, against the one both began with.

A ring is read as its base with nodes moved, put in and taken out. What one side leaves alone the other may change; a
node that both change, or a stretch that both redraw, is for a person to decide.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from gis.zone_edits.outlines import Node, Part, Ring, build, nodes_of, parts_of, polygon_of, tidy_ring


class OutlineConflict(Exception):
    """Both sides changed the same. place: a node of it, lon/lat."""

    def __init__(self, place: Node) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class Redrawn:
    """Base nodes from start on, stop not included, became other nodes. start == stop: nodes put in before start."""

    start: int
    stop: int
    nodes: tuple[Node, ...]


@dataclass
class RingChanges:
    """What one side did to a base ring: nodes moved, by position, and stretches redrawn, in order."""

    moved: dict[int, Node] = field(default_factory=dict)
    redrawn: list[Redrawn] = field(default_factory=list)


def same_outline(first: shapely.Geometry | None, second: shapely.Geometry | None) -> bool:
    """Whether two outlines are the same ring by ring and bit by bit, wherever rings begin and however they run."""
    if first is second or first is None or second is None:
        return first is second
    if shapely.to_wkb(first) == shapely.to_wkb(second):
        return True
    if nodes_of(first) != nodes_of(second):
        return False
    return sorted(map(_canonical_part, parts_of(first))) == sorted(map(_canonical_part, parts_of(second)))


def merge_outline(base: shapely.Geometry, mine: shapely.Geometry, theirs: shapely.Geometry) -> shapely.Geometry:
    """The outline with what both sides changed.

    All lon/lat, EPSG:4326, valid. The result may be invalid or no coverage with its neighbours: the caller checks it.
    Raises OutlineConflict with a place.
    """
    parts = parts_of(base)
    here, there = _matched_parts(parts, parts_of(mine)), _matched_parts(parts, parts_of(theirs))
    merged = []
    for part, own, other in zip(parts, here.matched, there.matched, strict=True):
        if own is None or other is None:
            kept = own if other is None else other
            if kept is not None and not _same_part(part, kept):
                raise OutlineConflict(_first(part[0]))
            continue
        merged.append(_merge_part(part, own, other))
    added = [*here.added, *(new for new in there.added if not any(_same_part(new, known) for known in here.added))]
    polygons = [polygon_of(part) for part in [*merged, *added]]
    if not polygons:
        raise OutlineConflict(_first(parts[0][0]))
    return build(polygons, base)


@dataclass(frozen=True)
class _Matched:
    """By position in the base: the counterpart, None where it is gone; and what has no counterpart there."""

    matched: list[Part | None]
    added: list[Part]


def _matched_parts(base: Sequence[Part], side: Sequence[Part]) -> _Matched:
    partners = _partners([part[0] for part in base], [part[0] for part in side])
    taken = set(partners.values())
    return _Matched(
        [side[partners[at]] if at in partners else None for at in range(len(base))],
        [part for at, part in enumerate(side) if at not in taken],
    )


def _partners(base: Sequence[Ring], side: Sequence[Ring]) -> dict[int, int]:
    """Which ring of a side is which of the base: those with most nodes in common first, each once."""
    sets = [_nodes(ring) for ring in side]
    scores = []
    for at, ring in enumerate(base):
        nodes = _nodes(ring)
        scores += [(-len(nodes & other), at, there) for there, other in enumerate(sets) if nodes & other]
    partners: dict[int, int] = {}
    for _, at, there in sorted(scores):
        if at not in partners and there not in partners.values():
            partners[at] = there
    if len(base) == len(side) == 1 and not partners:
        partners[0] = 0
    return partners


def _merge_part(base: Part, mine: Part, theirs: Part) -> Part:
    shell = _merge_ring(base[0], mine[0], theirs[0])
    here, there = _partners(base[1:], mine[1:]), _partners(base[1:], theirs[1:])
    holes = []
    for at, hole in enumerate(base[1:]):
        own = mine[1 + here[at]] if at in here else None
        other = theirs[1 + there[at]] if at in there else None
        if own is not None and other is not None:
            holes.append(_merge_ring(hole, own, other))
            continue
        kept = own if other is None else other
        if kept is not None and _canonical(kept) != _canonical(hole):
            raise OutlineConflict(_first(hole))
    added = [ring for at, ring in enumerate(mine[1:]) if at not in here.values()]
    known = {_canonical(ring) for ring in added}
    added += [ring for at, ring in enumerate(theirs[1:]) if at not in there.values() and _canonical(ring) not in known]
    return [shell, *holes, *added]


def _merge_ring(base: Ring, mine: Ring, theirs: Ring) -> Ring:
    if _canonical(mine) in (_canonical(base), _canonical(theirs)):
        return theirs
    if _canonical(theirs) == _canonical(base):
        return mine
    nodes = [(x, y) for x, y in base[:-1].tolist()]
    here, there = _changes(nodes, mine), _changes(nodes, theirs)
    _refuse_same(nodes, here, there)
    _refuse_same(nodes, there, here)
    for position in here.moved.keys() & there.moved.keys():
        if here.moved[position] != there.moved[position]:
            raise OutlineConflict(nodes[position])
    ring = tidy_ring(_applied(nodes, {**here.moved, **there.moved}, [*here.redrawn, *there.redrawn]))
    if ring is None:
        raise OutlineConflict(nodes[0])
    return ring


def _changes(base: Sequence[Node], side: Ring) -> RingChanges:
    """What a side did to a ring, by the nodes that both have in the same order."""
    positions = {node: at for at, node in enumerate(base)}
    nodes = [(x, y) for x, y in side[:-1].tolist()]
    nodes = _turned(base, nodes, positions)
    anchors = _increasing([(positions[node], at) for at, node in enumerate(nodes) if node in positions])
    changes = RingChanges()
    if not anchors:
        return RingChanges(redrawn=[Redrawn(0, len(base), tuple(nodes))])
    # The first anchor comes again at the end, a whole turn later: the ring is closed.
    first = anchors[0]
    for (at, there), (next_at, next_there) in zip(
        anchors, [*anchors[1:], (first[0] + len(base), first[1] + len(nodes))], strict=True
    ):
        old = range(at + 1, next_at)
        new = [nodes[position % len(nodes)] for position in range(there + 1, next_there)]
        if len(old) == len(new):
            changes.moved.update({position % len(base): node for position, node in zip(old, new, strict=True)})
        else:
            changes.redrawn.append(Redrawn(at + 1, next_at, tuple(new)))
    return changes


def _turned(base: Sequence[Node], nodes: list[Node], positions: dict[Node, int]) -> list[Node]:
    """A side's ring, turned so that it runs as the base does and begins with the first base node it still has."""
    common = [positions[node] for node in nodes if node in positions]
    if not common:
        return nodes
    rises = sum(after > before for before, after in zip(common, common[1:] + common[:1], strict=True))
    if (len(common) > 2 and rises * 2 < len(common)) or (
        len(common) <= 2 and shapely.is_ccw(shapely.linearrings(nodes)) != shapely.is_ccw(shapely.linearrings(base))
    ):
        nodes = nodes[::-1]
    first = nodes.index(base[min(common)])
    return nodes[first:] + nodes[:first]


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs, not necessarily adjacent, that rises in its first numbers."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for index, (value, _) in enumerate(pairs):
        at = bisect_left(tails, value)
        before.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [index]
    run: list[tuple[int, int]] = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append(pairs[last])
        last = before[last]
    return run[::-1]


def _refuse_same(nodes: Sequence[Node], one: RingChanges, other: RingChanges) -> None:
    """Raise where a stretch that one side redrew was changed by the other, unless both did the same."""
    for stretch in one.redrawn:
        if stretch in other.redrawn:
            continue
        touched = {position % len(nodes) for position in range(stretch.start, stretch.stop)}
        clash = touched & other.moved.keys()
        if clash:
            raise OutlineConflict(nodes[min(clash)])
        # Nodes put in lie between two base nodes: the gap before each node of the stretch, and the one after it.
        gaps = {position % len(nodes) for position in range(stretch.start, stretch.stop + 1)}
        for there in other.redrawn:
            if gaps & {position % len(nodes) for position in range(there.start, there.stop + 1)}:
                raise OutlineConflict(nodes[stretch.start % len(nodes)])


def _applied(nodes: Sequence[Node], moved: dict[int, Node], redrawn: Sequence[Redrawn]) -> list[Node]:
    count = len(nodes)
    before: dict[int, tuple[Node, ...]] = {}
    gone: set[int] = set()
    for stretch in redrawn:
        before[stretch.start % count] = stretch.nodes
        gone |= {position % count for position in range(stretch.start, stretch.stop)}
    result: list[Node] = []
    for position, node in enumerate(nodes):
        result += before.get(position, ())
        if position not in gone:
            result.append(moved.get(position, node))
    return result


def _nodes(ring: Ring) -> set[Node]:
    return set(map(tuple, ring.tolist()))


def _first(ring: Ring) -> Node:
    lon, lat = ring[0].tolist()
    return lon, lat


def _same_part(first: Part, second: Part) -> bool:
    return _canonical_part(first) == _canonical_part(second)


def _canonical_part(part: Part) -> tuple[tuple[Node, ...], ...]:
    return _canonical(part[0]), *sorted(map(_canonical, part[1:]))


def _canonical(ring: Ring) -> tuple[Node, ...]:
    """A ring that begins with its smallest node and goes on to the smaller of that node's neighbours."""
    nodes = [(x, y) for x, y in ring[:-1].tolist()]
    first = int(np.lexsort((ring[:-1, 1], ring[:-1, 0]))[0])
    forwards = nodes[first:] + nodes[:first]
    backwards = [forwards[0], *forwards[:0:-1]]
    return tuple(min(forwards, backwards))
