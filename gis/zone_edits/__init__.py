"""Edit zones of a plan so that the coverage stays a coverage; see README.md."""

from gis.zone_edits.borders import offset_border, shared_borders
from gis.zone_edits.check import checked, find_faults
from gis.zone_edits.land import carve, give, merge, split
from gis.zone_edits.model import Delta, Edit, Footprint, Lineage, ZoneId, Zones, new_ids
from gis.zone_edits.nodes import delete_node, insert_node, move_node, move_nodes
from gis.zone_edits.outlines import Edge, Node, same_bits
from gis.zone_edits.redrawing import clear_overlap, set_outline, with_shared_nodes
from gis.zone_edits.restoring import restore
from gis.zone_edits.snapping import Snapped, snap

__all__ = [
    "Delta",
    "Edge",
    "Edit",
    "Footprint",
    "Lineage",
    "Node",
    "Snapped",
    "ZoneId",
    "Zones",
    "carve",
    "checked",
    "clear_overlap",
    "delete_node",
    "find_faults",
    "give",
    "insert_node",
    "merge",
    "move_node",
    "move_nodes",
    "new_ids",
    "offset_border",
    "restore",
    "same_bits",
    "set_outline",
    "shared_borders",
    "snap",
    "split",
    "with_shared_nodes",
]
