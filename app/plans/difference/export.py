"""A difference as a GeoPackage for desktop GIS, and as a PDF for meetings and files.

WeasyPrint draws the PDF. It needs the libraries of Pango, which come with a package of the system: where they are missing,
``pdf_missing`` says so and the page offers printing instead.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from flask_babel import gettext, lazy_gettext

from app.errors import RuangError
from app.frontend_assets import FOLDER, FrontendNotBuilt, manifest
from app.plans.difference.service import Comparison
from app.plans.drafts.states import PLAIN, StoredZone, overlays_of
from gis.rdtr.columns import Overlay
from gis.vector_files import write_geopackage

_ZONE_COLUMNS = {
    "zone_id": "int64",
    "subzone_code": "str",
    "subzone_before": "str",
    "block": "str",
    "sub_block": "str",
    "legal_area_ha": "float",
    "area_m2": "float",
    "remark": "str",
    **{kind.value: "str" for kind in Overlay},
}
_TRANSFER_COLUMNS = {
    "from_zone": "int64",
    "to_zone": "int64",
    "from_code": "str",
    "to_code": "str",
    "area_m2": "float",
}


class PdfUnavailable(RuangError):
    """This server cannot make PDF files."""

    status = 501
    slug = "pdf-unavailable"
    title = lazy_gettext("PDF files cannot be made here")


def geopackage(comparison: Comparison) -> bytes:
    """Layers added, removed, reshaped_old, reshaped_new, recoded and transfers; EPSG:4326, areas in m2."""
    found, before, after = comparison.found, comparison.before, comparison.after
    layers: dict[str, Iterable[tuple[StoredZone, StoredZone | None]]] = {
        "added": ((after[zone], None) for zone in found.added),
        "removed": ((before[zone], before[zone]) for zone in found.removed),
        "reshaped_old": ((before[zone], before[zone]) for zone in found.reshaped),
        "reshaped_new": ((after[zone], before[zone]) for zone in found.reshaped),
        "recoded": ((after[zone], before[zone]) for zone in found.recoded),
    }
    with tempfile.TemporaryDirectory(prefix="difference-") as folder:
        path = Path(folder) / "difference.gpkg"
        for number, (layer, zones) in enumerate(layers.items()):
            rows = [_zone_row(comparison, zone, old) for zone, old in zones]
            _write(path, layer, rows, _ZONE_COLUMNS, append=number > 0)
        _write(path, "transfers", list(_transfer_rows(comparison)), _TRANSFER_COLUMNS, append=True)
        return path.read_bytes()


def _write(
    path: Path,
    layer: str,
    rows: list[tuple[shapely.Geometry, dict[str, Any]]],
    columns: dict[str, str],
    *,
    append: bool,
) -> None:
    write_geopackage(path, rows, columns=columns, crs="EPSG:4326", layer=layer, kind="MultiPolygon", append=append)


def _zone_row(
    comparison: Comparison, zone: StoredZone, old: StoredZone | None
) -> tuple[shapely.Geometry, dict[str, Any]]:
    state = zone.state
    return state.geometry, {
        "zone_id": zone.zone_id,
        **{name: state.attributes.get(name) for name in PLAIN},
        "subzone_before": None if old is None else old.state.attributes["subzone_code"],
        "area_m2": round(float(comparison.plan.metric.area_m2(state.geometry)), 1),
        **overlays_of(state),
    }


def _transfer_rows(comparison: Comparison) -> Iterator[tuple[shapely.Geometry, dict[str, Any]]]:
    for piece in comparison.pieces:
        parts = shapely.get_parts(piece.geometry)
        yield (
            shapely.MultiPolygon(list(parts)),
            {
                "from_zone": piece.source,
                "to_zone": piece.target,
                "from_code": piece.old_code,
                "to_code": piece.new_code,
                "area_m2": round(piece.area_m2, 1),
            },
        )


@cache
def pdf_missing() -> str | None:
    """Which library keeps this server from making PDF files; None where none does. Tried once per process."""
    try:
        import weasyprint  # noqa: F401 - loads the libraries, which is what is asked
    except (ImportError, OSError) as error:
        return str(error).split("\n", 1)[0]
    return None


def pdf(document: str) -> bytes:
    """An HTML document as PDF. Nothing outside the document is ever fetched.

    Raises PdfUnavailable where the libraries for it are missing.
    """
    reason = pdf_missing()
    if reason is not None:
        raise PdfUnavailable(
            gettext("This server cannot make PDF files: %(reason)s.", reason=reason[:200]),
            hint=gettext("Print the page instead; every browser can save it as PDF."),
        )
    import weasyprint
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    made: bytes = weasyprint.HTML(string=document, url_fetcher=fetcher).write_pdf()
    return made


def font_data() -> str:
    """The platform's own face as a data: address, for a document that fetches nothing."""
    name = manifest().get("font.woff2")
    if name is None or not (FOLDER / name).is_file():
        raise FrontendNotBuilt("font.woff2")
    return "data:font/woff2;base64," + base64.b64encode((FOLDER / name).read_bytes()).decode("ascii")
