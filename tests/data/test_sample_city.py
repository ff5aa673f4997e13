"""The sample city is what its README says: true where it claims so, whole, varied, and the same on every run."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.city import load_city
from data.bontang.generator.attributes import ABSENT, COLUMNS, OVERLAYS
from data.bontang.generator.frame import METRIC_CRS

CITY = Path(__file__).resolve().parents[2] / "data" / "bontang"
LAYERS = [
    ("city.gpkg", "areas"),
    ("city.gpkg", "parcels"),
    ("city.gpkg", "roads"),
    ("city.gpkg", "rivers"),
    ("city.gpkg", "landmarks"),
    ("zones_2023.gpkg", "pola_ruang"),
    ("zones_2026.gpkg", "pola_ruang"),
]
CENTRE = ("Api-api", "Tanjung Laut", "Berbas Tengah")
CHANGED_AT_LEAST, CHANGED_AT_MOST = 22, 40


def rows(name: str) -> list[dict[str, str]]:
    with (CITY / "inputs" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def areas(sample_folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(sample_folder / "city.gpkg", layer="areas")


@pytest.fixture(scope="session")
def parcels(sample_folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(sample_folder / "city.gpkg", layer="parcels")


@pytest.fixture(scope="session")
def zones(sample_folder: Path) -> dict[int, gpd.GeoDataFrame]:
    return {year: gpd.read_file(sample_folder / f"zones_{year}.gpkg", layer="pola_ruang") for year in (2023, 2026)}


@pytest.fixture(scope="session")
def kelurahan(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return areas[areas.level == "kelurahan"].set_index("code")


def metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.to_crs(METRIC_CRS)


@pytest.mark.parametrize(("file", "layer"), LAYERS)
def test_layers_are_lonlat_valid_and_rounded(sample_folder: Path, file: str, layer: str) -> None:
    frame = gpd.read_file(sample_folder / file, layer=layer)
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.is_valid.all()
    assert not frame.geometry.is_empty.any()
    coordinates = shapely.get_coordinates(frame.geometry.to_numpy())
    assert np.array_equal(np.round(coordinates, 8), coordinates)


def test_kelurahan_have_their_codes_centres_and_areas(kelurahan: gpd.GeoDataFrame) -> None:
    facts = {row["code"]: row for row in rows("kelurahan.csv")}
    assert set(kelurahan.index) == set(facts)
    hectares = metric(kelurahan).area / 1e4
    for code, row in facts.items():
        assert kelurahan.name[code] == row["kelurahan"]
        centre = shapely.Point(float(row["centre_lon"]), float(row["centre_lat"]))
        assert kelurahan.geometry[code].contains(centre), row["kelurahan"]
        assert hectares[code] == pytest.approx(float(row["area_ha"]), rel=0.03), row["kelurahan"]


def test_levels_nest_without_gaps(areas: gpd.GeoDataFrame, kelurahan: gpd.GeoDataFrame) -> None:
    city = areas[areas.level == "city"].geometry.iloc[0]
    assert shapely.coverage_is_valid(kelurahan.geometry.to_numpy())
    for level in ("kelurahan", "kecamatan"):
        assert shapely.coverage_union_all(areas[areas.level == level].geometry.to_numpy()).equals(city)
    neighbourhoods = areas[areas.level == "rt"]
    for code, group in neighbourhoods.groupby("parent_code"):
        assert 15 <= len(group) <= 50
        assert group.code.str.startswith(f"{code}.").all()
        assert shapely.coverage_is_valid(group.geometry.to_numpy())
        assert shapely.coverage_union_all(group.geometry.to_numpy()).equals(kelurahan.geometry[code])
    assert neighbourhoods.code.is_unique


def test_most_of_the_territory_is_sea_and_neighbours_lie_outside(areas: gpd.GeoDataFrame) -> None:
    plane = metric(areas)
    area = {level: group.area.sum() / 1e6 for level, group in plane.groupby("level")}
    assert 340 < area["sea"] < 350
    assert 0.65 < area["sea"] / (area["sea"] + area["city"]) < 0.72
    city, sea = (areas[areas.level == level].geometry.iloc[0] for level in ("city", "sea"))
    neighbours = areas[areas.level == "neighbour"]
    assert set(neighbours.name) == {"Kabupaten Kutai Timur", "Kabupaten Kutai Kartanegara"}
    assert shapely.coverage_is_valid(np.array([city, sea, *neighbours.geometry]))


@pytest.mark.parametrize("year", [2023, 2026])
def test_zones_cover_the_land_exactly(zones: dict[int, gpd.GeoDataFrame], areas: gpd.GeoDataFrame, year: int) -> None:
    shapes = zones[year].geometry.to_numpy()
    assert 1800 <= len(shapes) <= 2300
    assert shapely.coverage_is_valid(shapes)
    footprint = shapely.coverage_union_all(shapes)
    city = areas[areas.level == "city"].geometry.iloc[0]
    assert footprint.equals(city)
    assert footprint.symmetric_difference(city).area == 0


def test_zones_use_every_subzone_of_the_plan_and_the_official_columns(zones: dict[int, gpd.GeoDataFrame]) -> None:
    listed = {row["code"]: row for row in rows("subzones.csv") if row["in_bontang_rdtr"] == "yes"}
    assert len(listed) == 36
    for frame in zones.values():
        assert tuple(frame.columns) == (*COLUMNS, "geometry")
        assert set(frame.REMARK) == set(listed)
        for letters, code, name in zip(frame.REMARK, frame.KODSZN, frame.NAMOBJ, strict=True):
            assert code.upper() in (letters, listed[letters]["domain_code"])
            assert name == listed[letters]["name"]
        digits = frame.KODSZN.str.fullmatch(r"\d{8}")
        assert 0.3 < digits.mean() < 0.95
        assert frame.KODSZN[~digits].str.islower().any()


def test_zones_lie_in_the_kelurahan_they_name(zones: dict[int, gpd.GeoDataFrame], kelurahan: gpd.GeoDataFrame) -> None:
    shape_of = kelurahan.set_index("name").geometry
    inside = zones[2023].geometry.representative_point()
    for name, group in inside.groupby(zones[2023].WADMKD):
        assert group.within(shape_of[name]).all(), name


def hectares_of(zones: gpd.GeoDataFrame, kelurahan: str, *codes: str) -> float:
    chosen = zones[zones.WADMKD.eq(kelurahan) & zones.REMARK.isin(codes)]
    return float(metric(chosen).area.sum() / 1e4)


def test_land_use_lies_as_in_the_city(zones: dict[int, gpd.GeoDataFrame], areas: gpd.GeoDataFrame) -> None:
    plan = zones[2023]
    for name, least in (("Guntung", 80), ("Lok Tuan", 30), ("Satimpo", 150), ("Bontang Lestari", 400)):
        assert hectares_of(plan, name, "KPI") > least, name
    assert hectares_of(plan, "Bontang Kuala", "EM") > 0.4 * 877.5
    assert hectares_of(plan, "Bontang Lestari", "PTL") > 50
    assert hectares_of(plan, "Bontang Lestari", "HL") > 2000
    plane = metric(plan)
    middle = metric(areas[areas.level == "city"]).geometry.iloc[0].centroid.x
    assert plane[(plane.REMARK == "HL") & (plane.area > 1e6)].centroid.x.max() < middle
    beyond = metric(areas[areas.level == "neighbour"]).union_all()
    assert plane[(plane.REMARK == "KS") & (plane.area > 1e6)].distance(beyond).max() < 1
    sea = metric(areas[areas.level == "sea"]).geometry.iloc[0]
    industry = plane[(plane.REMARK == "KPI") & plane.WADMKD.isin(["Guntung", "Lok Tuan", "Satimpo"])]
    assert (industry.distance(sea) < 1).sum() >= 3
    for name in CENTRE:
        built = hectares_of(plan, name, "R-2", "C-1", "K-1", "R-3", "SPU-1", "SPU-2", "SPU-3", "KT")
        assert built > 0.55 * float(metric(areas[areas.name == name]).area.sum() / 1e4), name


def test_legal_area_differs_here_and_there(zones: dict[int, gpd.GeoDataFrame]) -> None:
    plan = zones[2023]
    large = metric(plan).area.to_numpy() / 1e4 > 2
    drawn = metric(plan).area.to_numpy()[large] / 1e4
    off = np.abs(plan.LUASHA.to_numpy()[large] / drawn - 1)
    assert 0.02 < (off > 0.01).mean() < 0.1
    assert off.max() < 0.035


def test_overlays_come_in_all_three_values_with_the_agreed_classes(zones: dict[int, gpd.GeoDataFrame]) -> None:
    plan = zones[2023]
    three = [
        kind
        for kind in OVERLAYS
        if plan[kind].isna().any() and (plan[kind] == ABSENT).any() and (plan[kind].dropna() != ABSENT).any()
    ]
    assert {"KKOP_1", "LP2B_2", "KRB_03", "TEB_05", "RESAIR", "KSMPDN", "HANKAM"} <= set(three)
    for kind in ("PUSLIT", "RDBUMI"):
        assert plan[kind].isna().all()
    for year in zones:
        with (CITY / f"rules_{year}" / "overlays.csv").open(encoding="utf-8", newline="") as file:
            known = {(row["kind"], row["class"]) for row in csv.DictReader(file)}
        for kind in OVERLAYS:
            for value in zones[year][kind].dropna().unique():
                assert value == ABSENT or {(kind, value), (kind, "*")} & known, (kind, value)


def test_versions_differ_in_some_thirty_zones_and_nowhere_else(zones: dict[int, gpd.GeoDataFrame]) -> None:
    old, new = (
        {
            shape.wkb: tuple(values)
            for shape, values in zip(frame.geometry, frame[list(COLUMNS)].astype(str).to_numpy(), strict=True)
        }
        for frame in (zones[2023], zones[2026])
    )
    gone, come = set(old) - set(new), set(new) - set(old)
    recoded = {shape for shape in set(old) & set(new) if old[shape] != new[shape]}
    assert CHANGED_AT_LEAST <= len(gone) + len(recoded) <= CHANGED_AT_MOST
    assert len(recoded) >= 8
    before, after = (shapely.from_wkb(sorted(shapes)) for shapes in (gone, come))
    assert shapely.union_all(before).symmetric_difference(shapely.union_all(after)).area < 1e-14
    tree = shapely.STRtree(after)
    pieces = [(shapely.area(shapely.intersection(after[tree.query(shape)], shape)) > 1e-12).sum() for shape in before]
    assert sum(count >= 2 for count in pieces) >= 5, "some zones are split"
    back = shapely.STRtree(before)
    parts = [(shapely.area(shapely.intersection(before[back.query(shape)], shape)) > 1e-12).sum() for shape in after]
    assert sum(count >= 2 for count in parts) >= 5, "some zones are merged or reshaped"


def test_roads_are_no_grid(sample_folder: Path) -> None:
    roads = metric(gpd.read_file(sample_folder / "city.gpkg", layer="roads"))
    assert set(roads.road_class) == {"arteri", "kolektor", "lokal", "lingkungan"}
    assert not roads.duplicated(["road_class", "name"]).any()
    points, line = shapely.get_coordinates(roads.geometry.to_numpy(), return_index=True)
    edges = np.diff(points, axis=0)[np.diff(line) == 0]
    angle = np.degrees(np.arctan2(edges[:, 1], edges[:, 0])) % 90
    parallel = np.minimum(angle, 90 - angle) < 2
    assert parallel.mean() < 0.05
    length = np.hypot(*edges.T)
    assert length[parallel].sum() / length.sum() < 0.05


def test_streets_are_dense_in_the_centre_and_sparse_in_the_south(
    sample_folder: Path, kelurahan: gpd.GeoDataFrame
) -> None:
    roads = metric(gpd.read_file(sample_folder / "city.gpkg", layer="roads")).union_all()
    plane = metric(kelurahan).set_index("name").geometry
    per_hectare = {name: roads.intersection(shape).length / (shape.area / 1e4) for name, shape in plane.items()}
    assert min(per_hectare[name] for name in CENTRE) > 100
    assert per_hectare["Bontang Lestari"] < 40


def test_rivers_run_from_the_hills_to_the_sea(sample_folder: Path, areas: gpd.GeoDataFrame) -> None:
    rivers = metric(gpd.read_file(sample_folder / "city.gpkg", layer="rivers"))
    sea = metric(areas[areas.level == "sea"]).geometry.iloc[0]
    assert (rivers.distance(sea) < 30).sum() >= 7
    assert (rivers.length > 1500).all()


def test_parcels_look_like_lots(parcels: gpd.GeoDataFrame, kelurahan: gpd.GeoDataFrame, sample_folder: Path) -> None:
    assert len(parcels) >= 15_000
    assert parcels.nib.is_unique
    assert parcels.nib.str.fullmatch(r"\d{14}").all()
    plane = metric(parcels)
    size = plane.area.groupby(parcels.kelurahan_code)
    code_of = {name: code for code, name in kelurahan.name.items()}
    for name in CENTRE:
        low, middle, high = size.get_group(code_of[name]).quantile([0.05, 0.5, 0.95])
        assert low > 90
        assert 180 < middle < 450
        assert high < 700
    assert size.get_group(code_of["Bontang Lestari"]).median() > 2 * size.get_group(code_of["Tanjung Laut"]).median()
    roads = metric(gpd.read_file(sample_folder / "city.gpkg", layer="roads"))
    gap = shapely.STRtree(roads.geometry.to_numpy()).query_nearest(
        plane.geometry.to_numpy(), return_distance=True, all_matches=False
    )[1]
    assert (gap < 16).mean() > 0.7


def test_parcels_do_not_overlap_and_some_cross_zone_borders(
    parcels: gpd.GeoDataFrame, zones: dict[int, gpd.GeoDataFrame], areas: gpd.GeoDataFrame
) -> None:
    shapes = parcels.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    overlap = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    assert overlap.max() < 1e-12
    crossing = shapely.STRtree(zones[2023].geometry.to_numpy()).query(shapes, predicate="overlaps")[0]
    assert len(np.unique(crossing)) >= 300
    city = areas[areas.level == "city"].geometry.iloc[0]
    shapely.prepare(city)
    assert shapely.contains(city, shapes).all()


def test_landmarks_belong_to_a_kelurahan_and_kampung_on_stilts_stand_in_the_sea(
    sample_folder: Path, areas: gpd.GeoDataFrame, kelurahan: gpd.GeoDataFrame
) -> None:
    marks = gpd.read_file(sample_folder / "city.gpkg", layer="landmarks").set_index("name")
    assert marks.kelurahan_code.isin(kelurahan.index).all()
    assert {"kampung", "masjid", "pasar", "sekolah", "puskesmas", "kantor", "pelabuhan", "bandara"} <= set(marks.kind)
    sea = areas[areas.level == "sea"].geometry.iloc[0]
    owners = {
        "Malahing": "Tanjung Laut Indah",
        "Tihi-Tihi": "Bontang Lestari",
        "Selangan": "Bontang Lestari",
        "Selambai": "Lok Tuan",
    }
    for name, owner in owners.items():
        mark = marks.loc[f"Kampung {name}"]
        assert mark.geometry.within(sea), name
        assert kelurahan.name[mark.kelurahan_code] == owner


def test_profile_fits_the_data(areas: gpd.GeoDataFrame) -> None:
    city = load_city(CITY)
    west, south, east, north = city.city.bounds
    left, bottom, right, top = areas[areas.level.isin(["city", "sea"])].total_bounds
    assert west < left < right < east
    assert south < bottom < top < north
    assert city.sample is not None
    for version in city.sample.versions:
        plan = city.plan(version.plan)
        assert plan is not None
        assert plan.sample
        assert (CITY / version.rules).is_dir()
    assert (CITY / city.brand["logo"]).is_file()


@pytest.mark.parametrize(("file", "layer"), LAYERS)
def test_another_run_gives_the_same(sample_folder: Path, second_run: Path, file: str, layer: str) -> None:
    first, second = (gpd.read_file(folder / file, layer=layer) for folder in (sample_folder, second_run))
    assert first.geometry.to_wkb().equals(second.geometry.to_wkb())
    assert first.drop(columns="geometry").equals(second.drop(columns="geometry"))
