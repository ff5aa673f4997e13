"""Write a version out again as it came in: every column, value and coordinate of the source."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.database import db
from app.errors import NotFound, Unprocessable
from app.plans import queries, verbatim
from app.plans.models import SourceFile
from gis.vector_files import write_geojson, write_geopackage, write_shapefile_zip

Records = Iterator[tuple[shapely.Geometry | None, dict[str, Any]]]
SUFFIXES = (".gpkg", ".geojson", ".zip")


def export_original(plan_code: str, seq: int, path: Path) -> int:
    """Write the source of a version to a file, in the source's CRS; returns the number of features.

    Features that the import refused were part of the file and are written too. An existing file is replaced only by a
    complete one. Raises NotFound, and Unprocessable for an ending or folder that cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unprocessable(
            gettext("%(suffix)s files are not written here.", suffix=path.suffix or path.name),
            hint=gettext("Use .gpkg, .geojson, or .zip for a Shapefile."),
        )
    if not path.absolute().parent.is_dir():
        raise Unprocessable(gettext("There is no folder %(folder)s.", folder=path.parent))
    session = db.session()
    plan = queries.plan_by_code(session, plan_code)
    version = queries.version(session, plan.id, seq) if plan else None
    source = queries.source_file(session, version.id) if version else None
    if version is None or source is None:
        raise NotFound(
            gettext("The plan %(code)s has no imported version %(seq)s.", code=plan_code, seq=seq),
            hint=gettext("List them with: ruang plans list"),
        )
    with tempfile.TemporaryDirectory(prefix=".export-", dir=path.absolute().parent) as folder:
        made = Path(folder) / f"layer{suffix}"
        count = _write(made, source, _records(session, version.id))
        made.replace(path)
    return count


def _write(path: Path, source: SourceFile, records: Records) -> int:
    if path.suffix == ".geojson":
        # Degrees are longitude first in GeoJSON, which OGC:CRS84 says and EPSG:4326 does not.
        crs = "OGC:CRS84" if source.crs == "EPSG:4326" else source.crs
        return write_geojson(path, records, name=source.layer, crs=crs)
    write = write_geopackage if path.suffix == ".gpkg" else write_shapefile_zip
    return write(path, records, columns=source.schema["columns"], crs=source.crs, layer=source.layer)


def _records(session: Session, version_id: int) -> Records:
    for feature in queries.source_features(session, version_id):
        geometry = shapely.from_wkb(feature.geometry) if feature.geometry else None
        yield geometry, verbatim.from_json(feature.properties)
