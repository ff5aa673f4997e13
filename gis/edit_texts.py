"""What the editor of zones says when it refuses: code -> (template with named fields, what to do next)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_AT: Final = "at %(lon).7f, %(lat).7f"

EDIT_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "edit_opens_gap": (
        "The land " + _AT + " would belong to no zone (zones concerned: %(zones)s).",
        "Move the border in all zones that share it, or give the land to a neighbour.",
    ),
    "edit_overlaps": (
        "The land " + _AT + " would belong to several zones: %(zones)s.",
        "Do not draw over a neighbour: move the shared border, or give the land from one zone to the other.",
    ),
    "edit_leaves_footprint": (
        "The outer border of the plan would change " + _AT + " (zones concerned: %(zones)s).",
        "Stay inside the plan's border, or say that its border is meant to change.",
    ),
    "edit_borders_differ": (
        "The borders of the zones %(zones)s would not have the same nodes " + _AT + ".",
        "Give both zones the node; the zones may have been changed elsewhere, so load them again.",
    ),
    "edit_invalid_outline": (
        "The outline of zone %(zones)s would not be valid " + _AT + ": %(reason)s.",
        "Choose another place: an outline may not cross or touch itself along a line.",
    ),
    "edit_ring_collapses": (
        "Nothing would be left of a ring of zone %(zones)s.",
        "Merge the zone with a neighbour to be rid of it.",
    ),
    "edit_no_node": ("No zone has a node " + _AT + ".", "Choose a node of a zone; the map may be out of date."),
    "edit_no_edge": (
        "No zone has an edge that begins " + _AT + " and ends at %(to_lon).7f, %(to_lat).7f.",
        "Choose an edge of a zone; the map may be out of date.",
    ),
    "edit_node_exists": ("There is a node already " + _AT + ".", "Move that node instead."),
    "edit_node_junction": (
        "Several borders meet in the node " + _AT + " (zones %(zones)s): without it, land would change hands.",
        "Move it, or merge the zones that meet there.",
    ),
    "edit_zone_unknown": ("The zones %(zones)s are not among those given.", "Load the zones again."),
    "edit_id_in_use": ("The numbers %(zones)s are too few, or taken already, for new zones.", "Leave the numbers out."),
    "edit_line_misses": (
        "The line does not divide zone %(zones)s.",
        "Draw it from border to border, with both ends on or outside the zone's outline.",
    ),
    "edit_line_crosses_itself": ("The line crosses itself " + _AT + ".", "Draw it again without a loop."),
    "edit_line_needed": ("A line of at least two different places is needed.", "Draw at least two places."),
    "edit_not_neighbours": (
        "The zones %(zones)s do not all share a border.",
        "Only neighbours are merged; meeting in one point is not enough.",
    ),
    "edit_too_few_zones": ("At least two zones are needed.", "Select the zones to merge."),
    "edit_misses_zone": (
        "The drawn land covers nothing of zone %(zones)s.",
        "Draw it over the land that is meant to change hands.",
    ),
    "edit_misses_plan": ("The drawn land covers no zone of the plan.", "Draw it over the zones."),
    "edit_outside_plan": (
        "Part of the drawn land lies outside all zones, " + _AT + ".",
        "Draw it inside the plan, or have what lies outside cut off.",
    ),
    "edit_land_apart": (
        "The land " + _AT + " does not share a border with zone %(zones)s.",
        "Draw it up to the zone's border, or make a zone of its own.",
    ),
    "edit_no_overlap": ("The zones %(zones)s have no land in common.", "Load the zones again."),
    "edit_same_zone": ("Zone %(zones)s cannot be both the giver and the receiver.", "Choose two zones."),
    "edit_not_settled": (
        "The drawn line runs too close along existing borders " + _AT + ".",
        "Let it snap to the border, or keep a few millimetres away from it.",
    ),
    "edit_border_outer": (
        "No zone lies on the other side of the border " + _AT + ".",
        "Only a border between two zones can be moved by a distance.",
    ),
    "edit_distance_nothing": (
        "Moved by %(distance_m)s m the border takes no land.",
        "State the distance in metres, with the sign that says to which side.",
    ),
    "edit_owner_gone": (
        "Land that would be given back, " + _AT + ", belonged to zone %(zones)s then, which is gone.",
        "Restore that zone first.",
    ),
    "edit_land_unowned": (
        "Land that zone %(zones)s would give up, " + _AT + ", belonged to no zone then.",
        "Give that land to a neighbour first.",
    ),
    "edit_stale": (
        "The zones %(zones)s are not what the change began with.",
        "Load them again; somebody may have saved in the meantime.",
    ),
    "changeset_incomplete": (
        "The changes to the zones %(zones)s cannot be saved: their former revision is missing, or they are deleted "
        "and changed at once.",
        "Load the zones again and repeat the change.",
    ),
}
