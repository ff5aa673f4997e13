"""The words of the map editor that its script writes, in the reader's language. {names} are filled in by the script."""

from __future__ import annotations

from flask_babel import gettext


def editor_texts() -> dict[str, str]:
    """Every text by the name under which the script asks for it."""
    return {
        **_map(),
        **_saving(),
        **_zone(),
        **_nodes(),
        **_table(),
        **_operations(),
        **_operation_forms(),
        **_kinds(),
        **_findings(),
        **_conflict(),
    }


def _map() -> dict[str, str]:
    return {
        "mapLabel": gettext("Map of the draft. Move with the arrow keys; zones can also be chosen in the table."),
        "zoomIn": gettext("Zoom in"),
        "zoomOut": gettext("Zoom out"),
        "draftOf": gettext("Draft: {plan}, {legal}"),
        "close": gettext("Close"),
        "cancel": gettext("Cancel"),
        "zoom": gettext("Zoom"),
        "zoomTo": gettext("Zoom to"),
        "zone": gettext("Zone"),
        "zoomForNodes": gettext("Zoom in to see the nodes of the chosen zones"),
        "figures": gettext("{code}: {area} ({change}), border {border}"),
        "snap_zone_node": gettext("node of a zone"),
        "snap_zone_edge": gettext("border of a zone"),
        "snap_parcel_node": gettext("corner of a parcel"),
        "snap_parcel_edge": gettext("edge of a parcel"),
        "snap_road_node": gettext("corner of a road"),
        "snap_road_edge": gettext("road"),
        "snap_area_node": gettext("corner of an administrative line"),
        "snap_area_edge": gettext("administrative line"),
        "narrowHint": gettext(
            "The map is edited on a larger screen. Here you can look zones up and read what was found."
        ),
        "readOnly": gettext("You can look at this draft, not change it."),
        "inReview": gettext("This draft is being reviewed: it can be looked at, not changed."),
    }


def _saving() -> dict[str, str]:
    return {
        "stateSaved": gettext("All changes are saved"),
        "stateSaving": gettext("Saving {n} …"),
        "stateOffline": gettext("Not connected: {n} waiting on this device"),
        "stateConflict": gettext("A decision is needed"),
        "offline": gettext(
            "The server cannot be reached. Go on: moved nodes and attributes are kept on this device ({n} waiting) "
            "and sent as soon as it answers."
        ),
        "signedOut": gettext(
            "Your sign-in has ended. Your work is kept on this device; sign in again and it will be sent."
        ),
        "signInAgain": gettext("Sign in again (new tab)"),
        "tryAgain": gettext("Try again"),
        "needsConnection": gettext("This needs a connection to the server. Try again when it is back."),
        "draftClosed": gettext("This draft is no longer open. What you had not sent is kept on this device."),
        "undoing": gettext("Undo: {what}"),
        "redoing": gettext("Redone"),
        "stepWaits": gettext("This step waits for the connection."),
        "undoWhat": gettext("Undo: {what}"),
        "redoWhat": gettext("Redo: {what}"),
        "notSaved": gettext("Not saved. {why}"),
        "refusedTitle": gettext("Could not be saved"),
        "discard": gettext("Discard"),
        "othersDid": gettext("{who} changed the draft: {what} ({n})"),
        "save": gettext("Save"),
        "saving": gettext("Saving …"),
    }


def _zone() -> dict[str, str]:
    return {
        "nothingChosen": gettext("No zone is chosen"),
        "howToChoose": gettext("Click a zone on the map. Shift and click adds another; Shift and drag chooses a box."),
        "howToFind": gettext("Or find it under “All zones” by code or block."),
        "severalZones": gettext("{n} zones"),
        "area": gettext("Area"),
        "perimeter": gettext("Perimeter"),
        "legalArea": gettext("Area in the regulation"),
        "difference": gettext("difference"),
        "parts": gettext("Parts"),
        "attributes": gettext("Attributes"),
        "subzone": gettext("Sub-zone"),
        "subzone_code": gettext("Sub-zone"),
        "chooseSubzone": gettext("Choose a sub-zone"),
        "notInList": gettext("(not in the code list)"),
        "different": gettext("different values"),
        "block": gettext("Block"),
        "sub_block": gettext("Sub-block"),
        "remark": gettext("Remark"),
        "legal_area_ha": gettext("Area in the regulation (ha)"),
        "legalAreaHa": gettext("Area in the regulation (ha)"),
        "legalAreaHint": gettext("As the regulation states it; empty where it states none."),
        "legalAreaWrong": gettext("The area is a number of hectares, for example 2.35."),
        "overlays": gettext("Overlays"),
        "overlaysLater": gettext("Choose at most 60 zones to change overlays."),
        "saveAttributes": gettext("Save attributes"),
        "attributesKept": gettext("Attributes kept for {n} zones"),
    }


def _nodes() -> dict[str, str]:
    return {
        "node": gettext("Node"),
        "howToNode": gettext("{n} nodes in view. Click one on the map, or step through them."),
        "noNodesInView": gettext("No nodes in view: zoom to the zone."),
        "previousNode": gettext("Previous node"),
        "nextNode": gettext("Next node"),
        "nodeChosen": gettext("Node at {place}"),
        "nodePlace": gettext("Longitude, latitude"),
        "nodePlaceWrong": gettext("Type one place inside the plan's region, for example 106.82715, -6.17511."),
        "moveNode": gettext("Move"),
        "insertNode": gettext("Insert after"),
        "deleteNode": gettext("Delete"),
        "junctionNotDeleted": gettext("Borders of several zones meet in this node, so it stays. Move it instead."),
        "wouldCross": gettext("The border would cross itself"),
        "crossRefused": gettext("The border would cross itself there, so the node stayed where it was."),
    }


def _table() -> dict[str, str]:
    return {
        "zonesFound": gettext("{n} of {all} zones"),
        "chooseThese": gettext("Choose these"),
        "column_subzone_code": gettext("Sub-zone"),
        "column_block": gettext("Block"),
        "column_area_m2": gettext("Area (m²)"),
        "zoomToZone": gettext("Zoom to {name}"),
        "before": gettext("Previous"),
        "next": gettext("Next"),
        "pageOf": gettext("Page {n} of {all}"),
    }


def _operations() -> dict[str, str]:
    return {
        "tool_split": gettext("Split a zone"),
        "tool_merge": gettext("Merge zones"),
        "tool_carve": gettext("Carve out a new zone"),
        "tool_give": gettext("Give land to another zone"),
        "tool_border": gettext("Move a border in parallel"),
        "how_split": gettext(
            "Draw a line from border to border. The largest piece stays this zone, the others are new."
        ),
        "how_merge": gettext("The chosen neighbours become one zone."),
        "how_carve": gettext("Draw the new zone's outline. It takes its land from the zones that it covers."),
        "how_give": gettext("Draw the land that changes hands."),
        "how_border": gettext("The border between two zones moves by a distance, such as the edge of a road."),
        "chooseOne": gettext("Choose one zone on the map or in the table first."),
        "chooseTwo": gettext("Choose at least two neighbouring zones first (Shift and click)."),
        "chooseSome": gettext("Choose a zone on the map or in the table first."),
        "incomplete_split": gettext("Draw or type at least two places."),
        "incomplete_merge": gettext("Choose at least two zones."),
        "incomplete_carve": gettext("Draw or type at least three places, and choose the new zone's sub-zone."),
        "incomplete_give": gettext("Draw or type at least three places, and choose two different zones."),
        "incomplete_border": gettext("Choose a border and type a distance."),
        "startDrawing": gettext("Click to draw. Alt switches snapping off."),
        "finishDrawing": gettext("Double-click or press Enter to finish, Backspace takes the last place back."),
        "pickNodes": gettext("Click two nodes of the border to move only the stretch between them."),
    }


def _operation_forms() -> dict[str, str]:
    return {
        "preview": gettext("Preview"),
        "trying": gettext("Trying it out …"),
        "wouldChange": gettext("What would change"),
        "previewReady": gettext("Preview ready: {n} zones would change"),
        "operationSaved": gettext("Saved: {n} zones changed"),
        "othersChanged": gettext("Somebody changed these zones at the same moment. Look at the map and preview again."),
        "onlyNodes": gettext("{n} neighbours keep their land and only get nodes into their border."),
        "change": gettext("Change"),
        "afterwards": gettext("Afterwards"),
        "newZone": gettext("new zone"),
        "goneZone": gettext("no longer exists"),
        "places": gettext("Places"),
        "placesHint": gettext("One a line: longitude, latitude in degrees. A list from a spreadsheet can be pasted."),
        "latitudeFirst": gettext("Latitude comes first"),
        "placeWrong": gettext("Line {line} is no place: “{text}”. Write for example 106.82715, -6.17511."),
        "placeOutside": gettext("{place} lies outside the plan's region. Are longitude and latitude swapped?"),
        "keepIdentity": gettext("Which zone remains"),
        "keepIdentityHint": gettext("Its code, block and history stay; the others go into it."),
        "newSubzone": gettext("Sub-zone of the new zone"),
        "cutOutside": gettext("Cut off what lies outside the plan"),
        "giver": gettext("Who gives"),
        "taker": gettext("Who receives"),
        "landWithoutZone": gettext("land without a zone"),
        "firstZone": gettext("Zone"),
        "secondZone": gettext("Its neighbour"),
        "noBorder": gettext("These two zones share no border."),
        "whichBorder": gettext("Which border"),
        "whichBorderHint": gettext("Click two of its nodes on the map to move only the stretch between them."),
        "borderChoice": gettext("{n}: {length} long"),
        "distance": gettext("Distance in metres"),
        "givesLand": gettext("Which zone gives the land"),
    }


def _kinds() -> dict[str, str]:
    return {
        "kind_move_nodes": gettext("Nodes moved"),
        "kind_insert_node": gettext("Node inserted"),
        "kind_delete_node": gettext("Node deleted"),
        "kind_split": gettext("Zone split"),
        "kind_merge": gettext("Zones merged"),
        "kind_carve": gettext("Zone carved out"),
        "kind_give": gettext("Land given"),
        "kind_offset_border": gettext("Border moved in parallel"),
        "kind_set_outline": gettext("Outline replaced"),
        "kind_attributes": gettext("Attributes changed"),
        "kind_restore": gettext("Zone restored"),
        "kind_repair": gettext("Repair accepted"),
        "kind_changesets": gettext("Zones replaced"),
        "kind_changeset": gettext("Zones replaced"),
        "kind_undo": gettext("Undo"),
        "kind_redo": gettext("Redo"),
        "noChanges": gettext("Nothing has been changed in this draft yet."),
        "older": gettext("Older changes"),
        "you": gettext("You"),
        "undone": gettext("undone"),
    }


def _findings() -> dict[str, str]:
    return {
        "checking": gettext("Checking the whole draft …"),
        "checkAgain": gettext("Check again"),
        "noFindings": gettext("Nothing found: the draft can be submitted."),
        "findingsSummary": gettext("{errors} errors, {warnings} warnings"),
        "blocksPublishing": gettext("Errors block submitting and publishing, not saving."),
        "error": gettext("Error"),
        "warning": gettext("Warning"),
        "finding_invalid": gettext("Outline crosses itself"),
        "finding_overlap": gettext("Overlap"),
        "finding_gap": gettext("Gap"),
        "finding_sliver": gettext("Sliver"),
        "finding_unmatched": gettext("Borders do not match"),
        "finding_outside": gettext("Outside the plan's area"),
        "finding_unknown_code": gettext("Unknown code"),
        "finding_missing_attribute": gettext("Missing attribute"),
        "finding_legal_area": gettext("Area differs from the regulation"),
        "finding_missing_intensity": gettext("Sub-zone without intensity rules"),
        "finding_undecided_subzone": gettext("Sub-zone without activity rules"),
        "showRepair": gettext("Show the repair"),
        "proposal": gettext("Proposed repair"),
        "moreFindings": gettext("{n} of {all} are listed, the gravest first. Mend some and check again."),
        "newLegalArea": gettext("The area in the regulation becomes the drawn one: {area} ha."),
        "transfer": gettext("{area} from {from} to {to}"),
        "nobody": gettext("nobody"),
        "acceptRepair": gettext("Accept the repair"),
        "repaired": gettext("Repair saved"),
    }


def _conflict() -> dict[str, str]:
    return {
        "conflictArose": gettext("Somebody else changed the same place. A decision is needed."),
        "conflictTitle": gettext("Two changes of the same place"),
        "conflictText": gettext("Your change ({what}) and somebody else's concern the same nodes or attributes."),
        "conflictRest": gettext("The rest of your work is kept: {n} further changes."),
        "showOnMap": gettext("Show on the map"),
        "side_base": gettext("Before both changes (grey, dotted)"),
        "side_mine": gettext("Mine (blue, dashed)"),
        "side_theirs": gettext("Theirs, as it is saved now (red, solid)"),
        "short_base": gettext("Before"),
        "short_mine": gettext("Mine"),
        "short_theirs": gettext("Theirs"),
        "takeMine": gettext("Take mine"),
        "takeTheirs": gettext("Take theirs"),
        "editAgain": gettext("Edit again"),
        "conflictMineComment": gettext("Own outline kept after a conflict"),
        "mineTaken": gettext("Your change is sent once more, on top of theirs."),
        "theirsTaken": gettext("Their change stays, yours is dropped."),
        "editAgainHint": gettext("Their change stays. Your outline is shown as a dashed line; edit the zone again."),
    }
