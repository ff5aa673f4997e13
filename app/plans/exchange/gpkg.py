"""A draft as a GeoPackage for QGIS, and the same file when it comes back.

Layer ``zones``: number and base revision of every zone travel along, and the changeset after which it was written. Layer
``subzones``: the code list. Table ``layer_styles``: the official colours, as QGIS keeps a default style. Coordinates
lon/lat, EPSG:4326, bit by bit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import fiona
from flask_babel import gettext

from app.errors import RuangError, Unprocessable
from app.gis_messages import said
from app.plans.drafts.states import OVERLAYS, PLAIN, StoredZone, checked_values, overlays_of
from app.plans.models import Subzone
from app.runtime import runtime
from gis.changeset import ZoneState
from gis.crs import Bounds, MetricCrs
from gis.rdtr.columns import lookup
from gis.returned_zones import ReturnedZone
from gis.vector_files import Limits, SourceFeature, open_layer, write_geopackage

# Gives what the draft held after a changeset: by zone, revision and state.
BaseOf = Callable[[int], Mapping[int, tuple[int, ZoneState]]]
LAYER = "zones"
ZONE, REVISION, CHANGESET = "zone_id", "base_revision_id", "base_changeset_id"
_FOR_READING = {"subzone_name": "str", "area_m2": "float"}
_COLUMNS = {
    ZONE: "int64",
    REVISION: "int64",
    CHANGESET: "int64",
    **{name: "float" if name == "legal_area_ha" else "str" for name in PLAIN},
    **dict.fromkeys(OVERLAYS, "str"),
    **_FOR_READING,
}
_MOST_REFUSALS = 500
_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT,
    f_geometry_column TEXT, styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT, ui TEXT, update_time DATETIME DEFAULT CURRENT_TIMESTAMP
)
"""


@dataclass(frozen=True)
class Refusal:
    """A feature that cannot be taken, and why. number: in the file, from 1."""

    number: int
    message: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class ReturnedFile:
    """What a file holds. base_changeset: after which it was written."""

    zones: list[ReturnedZone]
    refusals: list[Refusal]
    base_changeset: int


def write(
    path: Path,
    zones: Iterable[StoredZone],
    subzones: Sequence[Subzone],
    *,
    changeset_id: int,
    metric: MetricCrs,
) -> int:
    """Write the zones of a draft after a changeset; returns how many."""
    names = {row.code: row.name for row in subzones}

    def record(zone: StoredZone) -> dict[str, Any]:
        attributes = zone.state.attributes
        return {
            ZONE: zone.zone_id,
            REVISION: zone.revision_id,
            CHANGESET: changeset_id,
            **{name: attributes.get(name) for name in PLAIN},
            **{kind: overlays_of(zone.state).get(kind) for kind in OVERLAYS},
            "subzone_name": names.get(attributes["subzone_code"]),
            "area_m2": round(float(metric.area_m2(zone.state.geometry)), 2),
        }

    count = write_geopackage(
        path, ((zone.state.geometry, record(zone)) for zone in zones), columns=_COLUMNS, crs="EPSG:4326", layer=LAYER
    )
    _write_code_list(path, subzones)
    _write_style(path, subzones)
    return count


def _write_code_list(path: Path, subzones: Sequence[Subzone]) -> None:
    schema = {"geometry": "None", "properties": dict.fromkeys(("code", "domain_code", "name", "zone", "colour"), "str")}
    with fiona.open(path, "w", driver="GPKG", schema=schema, layer="subzones", encoding="utf-8") as sink:
        for row in subzones:
            values = {name: getattr(row, name) for name in schema["properties"]}  # type: ignore[attr-defined]
            sink.write({"type": "Feature", "geometry": None, "properties": values})


def _write_style(path: Path, subzones: Sequence[Subzone]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLE_TABLE)
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
            (LAYER, "RDTR", _qml(subzones), gettext("Colours of the code list")),
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
            ("layer_styles",),
        )


def _qml(subzones: Sequence[Subzone]) -> str:
    """A style as QGIS 3 reads it: one fill per sub-zone."""
    categories, symbols = [], []
    for number, row in enumerate(subzones):
        label = quoteattr(f"{row.code} {row.name}")
        categories.append(f'<category symbol="{number}" value={quoteattr(row.code)} label={label} render="true"/>')
        colour = ",".join(str(int(row.colour[at : at + 2], 16)) for at in (1, 3, 5))
        options = "".join(
            f'<Option type="QString" name="{name}" value="{value}"/>'
            for name, value in (("color", f"{colour},190"), ("outline_color", "60,60,60,255"), ("outline_width", "0.2"))
        )
        symbols.append(
            f'<symbol type="fill" name="{number}" alpha="1"><layer class="SimpleFill" enabled="1" pass="0" locked="0">'
            f'<Option type="Map">{options}</Option></layer></symbol>'
        )
    return (
        '<!DOCTYPE qgis><qgis version="3.28" styleCategories="Symbology"><renderer-v2 type="categorizedSymbol"'
        ' attr="subzone_code" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<categories>{''.join(categories)}</categories><symbols>{''.join(symbols)}</symbols></renderer-v2></qgis>"
    )


def read(path: Path, base: BaseOf, codes: set[str], region: Bounds) -> ReturnedFile:
    """Read a file that came back. base: gives what the draft held after a changeset.

    Raises GisError for a file that cannot be used, Unprocessable where it is none that went out from here.
    """
    layer_name = LAYER if path.suffix.lower() == ".gpkg" and LAYER in _layers(path) else None
    with open_layer(path, layer=layer_name, region=region, limits=limits()) as layer:
        present = {name.lower() for name in layer.columns}
        missing = [name for name in (ZONE, REVISION, CHANGESET) if name not in present]
        if missing:
            raise Unprocessable(
                gettext("The layer lacks the columns %(columns)s.", columns=", ".join(missing)),
                hint=gettext("Send back the file that was downloaded here, or bring the layer in as a whole new one."),
            )
        features = list(layer)
    changeset = _changeset(features)
    known = base(changeset)
    zones: list[ReturnedZone] = []
    refusals: list[Refusal] = []
    for feature in features:
        try:
            zones.append(_returned(feature, known, codes))
        except RuangError as error:
            place = feature.problem
            refusals.append(
                Refusal(feature.number, str(error.detail), place.lon if place else None, place.lat if place else None)
            )
    return ReturnedFile(zones, refusals[:_MOST_REFUSALS], changeset)


def limits() -> Limits:
    """What a file that is sent in may hold."""
    settings = runtime().settings
    return Limits(
        file_bytes=settings.max_upload_bytes,
        unpacked_bytes=settings.max_file_bytes,
        unpacked_ratio=settings.max_zip_ratio,
        features=settings.max_features,
    )


def _layers(path: Path) -> list[str]:
    try:
        return list(fiona.listlayers(path))
    except fiona.errors.FionaError:
        # What is wrong with it is said by the reader.
        return []


def _changeset(features: Iterable[SourceFeature]) -> int:
    """The changeset after which the file was written: the same in every feature that has one."""
    stated = {_whole(lookup(feature.properties, CHANGESET), CHANGESET) for feature in features} - {None}
    if len(stated) != 1:
        raise Unprocessable(
            gettext("The column %(column)s does not hold one number in all features.", column=CHANGESET),
            hint=gettext("Do not change the columns with numbers, and send features of one download only."),
        )
    return next(number for number in stated if number is not None)


def _returned(feature: SourceFeature, base: Mapping[int, tuple[int, ZoneState]], codes: set[str]) -> ReturnedZone:
    if feature.problem is not None or feature.lonlat is None:
        problem = feature.problem
        raise Unprocessable(said(problem.template, problem.params) if problem else gettext("It has no outline."))
    zone = _whole(lookup(feature.properties, ZONE), ZONE)
    revision = _whole(lookup(feature.properties, REVISION), REVISION)
    known = base.get(zone) if zone is not None else None
    if known is not None and revision is not None and revision != known[0]:
        raise Unprocessable(gettext("Zone %(zone)s has a base revision that did not go out with this file.", zone=zone))
    state = known[1] if known is not None else None
    sent = _values(feature.properties, state)
    checked = checked_values(sent, codes, complete=state is None)
    if state is None:
        checked = dict.fromkeys(PLAIN) | checked
    return ReturnedZone(zone, feature.lonlat, checked)


def _values(properties: Mapping[str, Any], state: ZoneState | None) -> dict[str, Any]:
    """What the file says otherwise than the draft did; what stayed is not even looked at."""
    present = {name.upper() for name in properties}
    values: dict[str, Any] = {}
    known = state.attributes if state is not None else {}
    for name in PLAIN:
        value = lookup(properties, name)
        if name.upper() in present and (value or None) != (known.get(name) or None):
            values[name] = value
    stored = overlays_of(state) if state is not None else {}
    overlays = {
        kind: lookup(properties, kind)
        for kind in OVERLAYS
        if kind in present and (lookup(properties, kind) or None) != (stored.get(kind) or None)
    }
    return {**values, "overlays": overlays} if overlays else values


def _whole(value: Any, column: str) -> int | None:
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.5
    if not number.is_integer() or not 0 <= number < 2**62:
        raise Unprocessable(
            gettext("The column %(column)s holds “%(value)s”, which is no number of ours.", column=column, value=value)
        )
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else int(number)
