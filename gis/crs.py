"""Which coordinate reference system, and metres from degrees.

Stored geometry is lon/lat, EPSG:4326. SRGI2013 (EPSG:9470) and WGS 84 are taken as the same, a null
transformation. Metres come from one named operation, UTM on the GRS80 ellipsoid, written as a PROJ string
that PostGIS takes as well; PROJ never chooses a datum path (through pyproj, EPSG:9480 would shift a point in
East Kalimantan by 16 cm).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final, TypeAlias, overload

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError as ProjError

from gis.errors import CrsError

Array: TypeAlias = npt.NDArray[np.float64]
Geometries: TypeAlias = npt.NDArray[np.object_]
Bounds: TypeAlias = tuple[float, float, float, float]

LONLAT_PROJ: Final = "+proj=longlat +ellps=GRS80 +no_defs"

# Standard UTM: central meridian, scale, false easting, false northing south of the equator.
_UTM_SCALE: Final = 0.9996
_UTM_EASTING: Final = 500_000.0
_UTM_SOUTHING: Final = 10_000_000.0
# Datums that are taken as one, by how their names begin once reduced to letters and digits.
_SAME_DATUMS: Final = (
    "wgs1984", "dwgs1984", "wgs84", "worldgeodeticsystem1984",
    "srgi2013", "dsrgi2013", "sistemreferensigeospasialindonesia2013",
    "unknownbasedongrs1980", "unknownbasedongrs80", "unknownbasedonwgs84", "unknownbasedonwgs1984",
)  # fmt: skip


@dataclass(frozen=True)
class MetricCrs:
    """UTM on GRS80: the plane of one plan, in metres.

    zone: 1 to 60. south: whether northings count from the south.
    """

    zone: int
    south: bool

    def __post_init__(self) -> None:
        if not 1 <= self.zone <= 60:
            raise CrsError("crs_unknown", found=f"UTM {self.zone}")

    @property
    def proj(self) -> str:
        """The PROJ string, the same in PostGIS: ``ST_Transform(geom, LONLAT_PROJ, proj)``."""
        return f"+proj=utm +zone={self.zone} {'+south ' if self.south else ''}+ellps=GRS80 +units=m +no_defs"

    @property
    def name(self) -> str:
        """For people, such as ``UTM 50N``."""
        return f"UTM {self.zone}{'S' if self.south else 'N'}"

    @overload
    def forward(self, lon: float, lat: float) -> tuple[float, float]: ...
    @overload
    def forward(self, lon: Array, lat: Array) -> tuple[Array, Array]: ...
    def forward(self, lon: float | Array, lat: float | Array) -> tuple[float, float] | tuple[Array, Array]:
        """Degrees to metres: (easting, northing), scalars or arrays as given.

        Impossible degrees become inf.
        """
        x, y = _operation(self.zone, self.south).transform(lon, lat)
        return x, y

    @overload
    def inverse(self, x: float, y: float) -> tuple[float, float]: ...
    @overload
    def inverse(self, x: Array, y: Array) -> tuple[Array, Array]: ...
    def inverse(self, x: float | Array, y: float | Array) -> tuple[float, float] | tuple[Array, Array]:
        """Metres to degrees: (lon, lat), scalars or arrays as given."""
        lon, lat = _operation(self.zone, self.south).transform(x, y, direction="INVERSE")
        return lon, lat

    @overload
    def to_metric(self, geometry: shapely.Geometry) -> shapely.Geometry: ...
    @overload
    def to_metric(self, geometry: Geometries) -> Geometries: ...
    def to_metric(self, geometry: shapely.Geometry | Geometries) -> shapely.Geometry | Geometries:
        """Geometries from lon/lat (EPSG:4326) to this plane in metres. Z is dropped; None stays None."""
        return _transform(geometry, lambda xy: np.column_stack(self.forward(xy[:, 0], xy[:, 1])))

    @overload
    def to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry: ...
    @overload
    def to_lonlat(self, geometry: Geometries) -> Geometries: ...
    def to_lonlat(self, geometry: shapely.Geometry | Geometries) -> shapely.Geometry | Geometries:
        """Geometries from this plane in metres to lon/lat (EPSG:4326). Z is dropped; None stays None."""
        return _transform(geometry, lambda xy: np.column_stack(self.inverse(xy[:, 0], xy[:, 1])))

    @overload
    def area_m2(self, geometry: shapely.Geometry) -> float: ...
    @overload
    def area_m2(self, geometry: Geometries) -> Array: ...
    def area_m2(self, geometry: shapely.Geometry | Geometries) -> float | Array:
        """Plane area in m2 of lon/lat geometries (EPSG:4326); NaN for None.

        Some 0.07 % off the geodesic area.
        """
        area = shapely.area(self.to_metric(geometry))
        return float(area) if np.ndim(area) == 0 else np.asarray(area, dtype=np.float64)


def utm_for(lon: float, lat: float) -> MetricCrs:
    """The UTM zone of a place, by the plain rule of six degrees. lon, lat: degrees."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise CrsError("not_lonlat", lon=lon, lat=lat)
    return MetricCrs(min(int((lon + 180) // 6) + 1, 60), lat < 0)


@dataclass(frozen=True)
class SourceCrs:
    """The system in which a file's coordinates stand.

    plane: None for degrees, else its UTM plane in metres.
    """

    name: str
    plane: MetricCrs | None = None

    @property
    def definition(self) -> str:
        """An authority code for writers of files: EPSG:4326 or WGS 84 / UTM; the datums are taken as one."""
        if self.plane is None:
            return "EPSG:4326"
        return f"EPSG:{(32700 if self.plane.south else 32600) + self.plane.zone}"

    @overload
    def to_lonlat(self, geometry: shapely.Geometry) -> shapely.Geometry: ...
    @overload
    def to_lonlat(self, geometry: Geometries) -> Geometries: ...
    def to_lonlat(self, geometry: shapely.Geometry | Geometries) -> shapely.Geometry | Geometries:
        """Geometries in lon/lat, EPSG:4326: the very same objects when they already are."""
        return geometry if self.plane is None else self.plane.to_lonlat(geometry)

    def box_to_lonlat(self, boxes: Array) -> Array:
        """Boxes (n, 4: west, south, east, north) in this system as the degree boxes around their corners."""
        if self.plane is None:
            return boxes
        xs, ys = boxes[:, [0, 2, 2, 0]], boxes[:, [1, 1, 3, 3]]
        lon, lat = self.plane.inverse(xs.ravel(), ys.ravel())
        lon, lat = lon.reshape(xs.shape), lat.reshape(xs.shape)
        return np.column_stack([lon.min(axis=1), lat.min(axis=1), lon.max(axis=1), lat.max(axis=1)])


LONLAT: Final = SourceCrs("EPSG:4326")


def parse_crs(text: str) -> SourceCrs:
    """A definition (authority code, WKT, PROJ string) as one of the systems read here.

    Read are WGS 84, SRGI2013, and the unnamed datums on their ellipsoids, in degrees or standard UTM.
    Raises CrsError: crs_unknown when PROJ cannot parse it, crs_unsupported for any other system.
    """
    try:
        crs = pyproj.CRS.from_user_input(text)
    except ProjError:
        raise CrsError("crs_unknown", found=_shorten(text)) from None
    name = _label(crs, text)
    horizontal = crs.sub_crs_list[0] if crs.is_compound else crs
    geodetic = horizontal.geodetic_crs
    if geodetic is None or not _same_datum(geodetic):
        raise CrsError("crs_unsupported", found=name)
    if horizontal.is_geographic and _in_degrees(horizontal):
        return SourceCrs(name)
    plane = _utm_plane(horizontal)
    if plane is None:
        raise CrsError("crs_unsupported", found=name)
    return SourceCrs(name, plane)


def resolve_source_crs(
    declared: str | None, stated: str | None, bounds: Array | Bounds, region: Bounds | None
) -> SourceCrs:
    """The system of a file, never guessed.

    declared: what the file says (WKT or code), or None. stated: what the person says (``--crs``); it
    overrides the file.
    bounds: the extent of the file's own coordinates, or one box per feature (n, 4), of which NaN boxes are
    left out.
    region: west, south, east, north in degrees, where the layer must lie; None asks only whether it lies on
    the earth.
    Raises CrsError that says what was found and which option states it, unless at least one box meets the
    region.
    """
    boxes = np.atleast_2d(np.asarray(bounds, dtype=np.float64))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    # One stray feature must not decide for the whole layer: the middle of all boxes speaks for it.
    middle = np.median(boxes, axis=0) if len(boxes) else np.zeros(4)
    said = stated or declared
    if not said:
        raise CrsError("crs_missing", **_extent(middle))
    source = parse_crs(said)
    if len(boxes) and not _fits(source, boxes, region).any():
        raise _contradiction(source, middle, region)
    return source


def _fits(source: SourceCrs, boxes: Array, region: Bounds | None) -> npt.NDArray[np.bool_]:
    """Which boxes lie on the earth and meet the region."""
    if source.plane is None:
        plausible = (np.abs(boxes[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(boxes[:, [1, 3]]) <= 90).all(axis=1)
    else:
        plausible = ~_look_like_degrees(boxes)
    lonlat = source.box_to_lonlat(boxes)
    plausible &= np.isfinite(lonlat).all(axis=1)
    return plausible & meets(lonlat, region)


def meets(boxes: Array, region: Bounds | None) -> npt.NDArray[np.bool_]:
    """Which degree boxes (n, 4) meet the region; all of them where there is none."""
    if region is None:
        return np.ones(len(boxes), dtype=bool)
    west, south, east, north = region
    return np.asarray((boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south))


def _contradiction(source: SourceCrs, middle: Array, region: Bounds | None) -> CrsError:
    """Say how the coordinates contradict the system, by trying what is commonly wrong."""
    box = middle.reshape(1, 4)
    found = {"found": source.name}
    swapped = box[:, [1, 0, 3, 2]]
    if region is not None and _fits(source, swapped, region)[0]:
        return CrsError("crs_axes_swapped", **found, **_extent(middle))
    if source.plane is None and (np.abs(box[:, [0, 2]]).max() > 180 or np.abs(box[:, [1, 3]]).max() > 90):
        return CrsError("crs_metres_as_degrees", **found, **_extent(middle))
    if source.plane is not None and _look_like_degrees(box)[0]:
        return CrsError("crs_degrees_as_metres", **found, **_extent(middle))
    lonlat = source.box_to_lonlat(box)[0]
    longitude, latitude = (lonlat[0] + lonlat[2]) / 2, (lonlat[1] + lonlat[3]) / 2
    if region is not None and _mirrored_fits(source, box, region):
        return CrsError("crs_wrong_hemisphere", **found, latitude=_short(latitude))
    region = region or (-180.0, -90.0, 180.0, 90.0)
    sides = dict(zip(("region_west", "region_south", "region_east", "region_north"), map(_short, region), strict=True))
    return CrsError("crs_outside_region", **found, longitude=_short(longitude), latitude=_short(latitude), **sides)


def _mirrored_fits(source: SourceCrs, box: Array, region: Bounds) -> bool:
    """Whether the box would lie in the region on the other side of the equator."""
    if source.plane is None:
        return bool(_fits(source, np.column_stack([box[:, 0], -box[:, 3], box[:, 2], -box[:, 1]]), region)[0])
    other = SourceCrs(source.name, MetricCrs(source.plane.zone, not source.plane.south))
    return bool(_fits(other, box, region)[0])


def _look_like_degrees(boxes: Array) -> npt.NDArray[np.bool_]:
    """UTM eastings are never within 180 m of zero: a box whose numbers are all that small holds degrees."""
    return np.asarray((np.abs(boxes) <= 180).all(axis=1))


@functools.lru_cache(maxsize=128)
def _operation(zone: int, south: bool) -> pyproj.Transformer:
    """Degrees to metres as one pipeline without any datum.

    pyproj's transformers are safe to share between threads.
    """
    return pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=utm +zone={zone} {'+south ' if south else ''}+ellps=GRS80"
    )


def _transform(geometry: shapely.Geometry | Geometries, function: object) -> shapely.Geometry | Geometries:
    return shapely.transform(geometry, function)  # type: ignore[no-any-return,call-overload]


def _same_datum(geodetic: pyproj.CRS) -> bool:
    datum = geodetic.datum
    reduced = "".join(letter for letter in (datum.name if datum else "").lower() if letter.isalnum())
    meridian = geodetic.prime_meridian
    return reduced.startswith(_SAME_DATUMS) and (meridian is None or meridian.longitude == 0)


def _in_degrees(crs: pyproj.CRS) -> bool:
    # By size, as ESRI's definitions spell the unit "Degree".
    return all(math.isclose(axis.unit_conversion_factor, math.radians(1)) for axis in crs.axis_info[:2])


def _utm_plane(crs: pyproj.CRS) -> MetricCrs | None:
    """The standard UTM zone that a projected system is, by its parameters, not its name; None for others."""
    operation = crs.coordinate_operation
    if operation is None or any(axis.unit_conversion_factor != 1 for axis in crs.axis_info[:2]):
        return None
    if operation.method_name != "Transverse Mercator":
        return None
    values = {parameter.name: float(parameter.value or 0) for parameter in operation.params}
    meridian = values.get("Longitude of natural origin", math.nan)
    northing = values.get("False northing")
    standard = {
        "Latitude of natural origin": 0.0,
        "Scale factor at natural origin": _UTM_SCALE,
        "False easting": _UTM_EASTING,
    }
    if not standard.items() <= values.items() or northing not in (0.0, _UTM_SOUTHING):
        return None
    zone = (meridian + 183) / 6
    if zone not in range(1, 61):
        return None
    return MetricCrs(int(zone), northing == _UTM_SOUTHING)


def _label(crs: pyproj.CRS, text: str) -> str:
    """EPSG code where there is an exact one, else the name it carries."""
    authority = crs.to_authority(min_confidence=100)
    if authority:
        return ":".join(authority)
    return crs.name if crs.name and crs.name != "unknown" else _shorten(text)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _short(value: float) -> str:
    """A coordinate for a message: six decimals for degrees, none to spare for metres."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) <= 360 else f"{value:.1f}"


def _extent(box: Array) -> dict[str, object]:
    return dict(zip(("west", "south", "east", "north"), map(_short, box.tolist()), strict=True))
