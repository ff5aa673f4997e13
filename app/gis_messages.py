"""Messages of the spatial library in the reader's language, the reasons inside them included."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext


def N_(text: str) -> str:  # noqa: N802 - the name that extractors of texts know
    """Mark a text for the catalogues; it is translated where it is shown."""
    return text


# Reasons that stand in the parameter "reason" of a message: those of the library, and GEOS's for an invalid outline.
# Others come from the programs that read files and are shown as they are.
REASONS = (
    N_("it breaks off"),
    N_("the text is not UTF-8"),
    N_("it is nested too deeply"),
    N_("it is not a FeatureCollection"),
    N_("a member has no name"),
    N_("the file ends in the middle"),
    N_("something follows the end of the document"),
    N_("the geometry is not an object"),
    N_("the collection has no geometries"),
    N_("there are no coordinates"),
    N_("some positions have a height and some have none"),
    N_("the coordinates are not nested as the geometry's kind asks"),
    N_("a ring is not closed"),
    N_("a coordinate is not a finite number"),
    N_("it is not a GeoJSON Feature"),
    N_("it is shorter than its own header"),
    N_("it is not a Shapefile"),
    N_("it carries a document type definition"),
    N_("it ends in the middle"),
    N_("Self-intersection"),
    N_("Ring Self-intersection"),
    N_("Hole lies outside shell"),
    N_("Holes are nested"),
    N_("Nested shells"),
    N_("Duplicate Rings"),
    N_("Interior is disconnected"),
    N_("Too few points in geometry component"),
)


def said(template: str, params: Mapping[str, object]) -> str:
    """A template of ``gis.errors`` with its parameters, in the reader's language."""
    if not params:
        return gettext(template)
    reason = params.get("reason")
    if isinstance(reason, str) and reason in REASONS:
        params = {**params, "reason": gettext(reason)}
    return gettext(template) % params
