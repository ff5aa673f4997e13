"""What an import reads, refuses, finds and keeps; one bad feature costs one feature."""

# ruff: noqa: S608 - names of tables are constants of this file

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy.orm import Session

from app.errors import Conflict, Unprocessable
from app.plans import editing, storing
from app.plans.importing import ImportOptions
from app.plans.reading import Finding
from app.plans.report import all_findings
from gis.crs import MetricCrs
from tests.factories.plans import feature, import_zones, publish_zones, row_of_zones, square, write_layer

Rows = Callable[..., list[tuple[Any, ...]]]
Nothing = Callable[[], bool]
BOWTIE = [[[117.48, 0.12], [117.481, 0.121], [117.481, 0.12], [117.48, 0.121], [117.48, 0.12]]]


def with_columns(column: float, **columns: Any) -> dict[str, Any]:
    """A zone whose columns are exactly these."""
    made = feature(square(column, 0))
    made["properties"] = columns
    return made


# --- codes


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"KODSZN": "K-1"}, "K-1"),
        ({"KODSZN": "k-1"}, "K-1"),
        ({"KODSZN": " K - 1 "}, "K-1"),
        ({"KODSZN": "32112100"}, "K-1"),
        ({"KODSZN": 32112100}, "K-1"),
        ({"KODSZN": 32112100.0}, "K-1"),
        ({"KODSZN": "32112100.0"}, "K-1"),
        ({"KODSZN": "R-4"}, "R-4"),
        ({"NAMSZN": "Taman Kota"}, "RTH-2"),
        ({"NAMSZN": 31031200.0, "KODSZN": "31031200"}, "RTH-2"),
        ({"NAMZON": 32010000.0, "KODZON": 32010000.0}, "BJ"),
        ({"NAMOBJ": "Badan Jalan", "REMARK": "BJ"}, "BJ"),
        ({"kodszn": "K-1"}, "K-1"),
    ],
)
def test_codes_are_read_as_plans_write_them(
    session: Session, tmp_path: Path, rows: Rows, columns: dict[str, Any], code: str
) -> None:
    outcome = import_zones(tmp_path, [with_columns(0, **columns)])
    assert outcome.kept, outcome.reason
    assert rows("SELECT subzone_code FROM zone_revision") == [(code,)]
    assert rows("SELECT properties FROM source_feature") == [(columns,)]


def test_a_code_that_the_list_lacks_becomes_a_local_one_and_is_reported(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    layer = [
        feature(square(0, 0), "XX-9", NAMSZN="Zona setempat"),
        feature(square(1, 0), "XX-9"),
        feature(square(2, 0)),
    ]
    outcome = import_zones(tmp_path, layer)
    assert outcome.kept
    assert outcome.local_codes == {"XX-9": 2}
    assert rows("SELECT name, domain_code, colour_official FROM subzone WHERE code = 'XX-9'") == [
        ("Zona setempat", None, False)
    ]
    [said] = [item for item in all_findings(outcome) if item.kind == "local_code"]
    assert "XX-9" in said.message
    assert "2" in said.message


def test_columns_that_contradict_each_other_are_refused_not_decided(session: Session, tmp_path: Path) -> None:
    outcome = import_zones(tmp_path, [feature(square(0, 0), "K-1", REMARK="R-4"), feature(square(1, 0))])
    [refusal] = outcome.refusals
    assert refusal.number == 1
    assert "K-1" in refusal.message
    assert "R-4" in refusal.message


# --- everything else verbatim


def test_every_other_column_is_kept_verbatim_and_in_order(session: Session, tmp_path: Path, rows: Rows) -> None:
    columns: dict[str, Any] = {
        "ZZZ": " blank around ", "KODSZN": "R-2", "aaa": "", "None": None, "whole": 3.0, "big": 2**70, "int": -7,
        "tiny": 5e-324, "third": 0.1 + 0.2, "yes": True, "list": [1, {"a": None}], "text": "naïve \u202e\"'",
        "kosong\n": 0, "LUASHA": None,
    }  # fmt: skip
    import_zones(tmp_path, [with_columns(0, **columns)])
    [(stored,)] = rows("SELECT properties FROM source_feature")
    assert stored == columns
    assert list(stored) == list(columns)
    assert [type(value) for value in stored.values()] == [type(value) for value in columns.values()]


def test_geometry_is_kept_bit_by_bit_with_heights(session: Session, tmp_path: Path, rows: Rows) -> None:
    ring = [[x, y, 12.25] for x, y in square(0, 0)[0]]
    ring[1][0] = 117.48100000000001
    import_zones(tmp_path, [feature([ring])])
    [(wkb, outline)] = rows("SELECT source_feature.geometry, ST_AsBinary(geom) FROM source_feature, zone_revision")
    assert shapely.from_wkb(wkb).wkb == shape({"type": "Polygon", "coordinates": [ring]}).wkb
    assert shapely.get_coordinates(shapely.from_wkb(bytes(outline))).tolist() == [point[:2] for point in ring]


def test_overlays_have_three_values(session: Session, tmp_path: Path, rows: Rows) -> None:
    layer = [
        feature(square(0, 0), KRB_03="Rawan Banjir Tinggi ", KKOP_1="tidak ada", CAGBUD=""),
        feature(square(1, 0), KRB_03=None, KKOP_1=" "),
    ]
    import_zones(tmp_path, layer)
    stored = [row[0] for row in rows("SELECT overlays FROM zone_revision ORDER BY id")]
    assert len(stored[0]) == 14
    assert (stored[0]["KRB_03"], stored[0]["KKOP_1"], stored[0]["CAGBUD"]) == (
        "Rawan Banjir Tinggi ",
        "Tidak Ada",
        None,
    )
    assert (stored[1]["KRB_03"], stored[1]["KKOP_1"], stored[1]["RDBUMI"]) == (None, None, None)


def test_area_that_differs_from_luasha_is_reported_and_the_stated_one_kept(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    layer = row_of_zones()
    [(true_m2,)] = rows("SELECT ST_Area(ST_Transform(ST_GeomFromGeoJSON(:g), :from_, :to_))",
                        g=f'{{"type":"Polygon","coordinates":{square(0, 0)}}}',
                        from_="+proj=longlat +ellps=GRS80 +no_defs", to_=MetricCrs(50, south=False).proj)  # fmt: skip
    stated = (true_m2 / 10_000, true_m2 / 10_000 * 1.009, true_m2 / 10_000 * 1.011)
    for item, area in zip(layer, stated, strict=True):
        item["properties"]["LUASHA"] = area
    outcome = import_zones(tmp_path, layer)
    found = [item for item in outcome.findings if item.kind == "area"]
    assert [item.number for item in found] == [3]
    assert (found[0].lon, found[0].lat) == pytest.approx((117.4825, 0.1205))
    stored = rows("SELECT legal_area_ha, area_m2 FROM zone_revision ORDER BY id")
    assert [row[0] for row in stored] == list(stated)
    assert stored[0][1] == pytest.approx(true_m2, abs=1e-4)


def test_an_area_that_is_no_number_is_reported_not_guessed(session: Session, tmp_path: Path, rows: Rows) -> None:
    outcome = import_zones(tmp_path, [feature(square(0, 0), LUASHA="kira-kira dua")])
    assert outcome.kept
    assert ["kira-kira dua" in item.message for item in outcome.findings] == [True]
    assert rows("SELECT legal_area_ha FROM zone_revision") == [(None,)]


# --- one bad feature costs one feature


def bad_layer() -> tuple[list[dict[str, Any]], dict[int, str]]:
    """Zones of which some cannot be used, with the number of each and a word of its reason."""
    good = row_of_zones()
    bad = {
        2: ({**feature(square(3, 0)), "geometry": None}, "geometri"),
        3: (feature([117.48, 0.12], kind="Point"), "Point"),
        5: (feature([[[117.48, 0.12], [117.49, "x"], [117.49, 0.13], [117.48, 0.12]]]), "x"),
        6: (feature(square(-900, 0)), "luar"),
        7: (with_columns(5, NAMOBJ="zona"), "KODSZN"),
        8: (feature(square(6, 0), KODBLK="A\0B"), "A\\x00B"),
    }
    layer = [good[0], bad[2][0], bad[3][0], good[1], bad[5][0], bad[6][0], bad[7][0], bad[8][0], good[2]]
    return layer, {number: word for number, (_, word) in bad.items()}


def test_bad_features_are_refused_one_by_one_with_number_place_and_reason(
    session: Session, tmp_path: Path, nothing_kept: Nothing
) -> None:
    layer, reasons = bad_layer()
    outcome = import_zones(tmp_path, layer)
    assert (outcome.read, outcome.zones, outcome.kept) == (9, 3, False)
    assert {item.number: item.message for item in outcome.refusals}.keys() == reasons.keys()
    for item in outcome.refusals:
        assert item.number is not None
        assert reasons[item.number] in item.message, item
    assert {item.number for item in outcome.refusals if item.lon is not None} == {6, 7, 8}
    assert outcome.reason is not None
    assert "--accept-refusals" in outcome.reason
    assert nothing_kept()


def test_accepted_refusals_keep_the_rest_and_the_refused_as_they_came(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    layer, reasons = bad_layer()
    outcome = import_zones(tmp_path, layer, accept_refusals=True)
    assert outcome.kept
    stored = rows("SELECT number, refused, properties, zone_id FROM source_feature ORDER BY number")
    assert [row[0] for row in stored] == list(range(1, 10))
    assert {row[0] for row in stored if row[1]} == {row[0] for row in stored if row[3] is None} == set(reasons)
    assert [row[2] for row in stored] == [item["properties"] for item in layer]
    assert rows("SELECT count(*) FROM version_zone") == [(3,)]


def test_a_layer_without_a_usable_feature_is_not_kept(session: Session, tmp_path: Path, nothing_kept: Nothing) -> None:
    outcome = import_zones(tmp_path, [with_columns(0, NAMOBJ="zona")], accept_refusals=True)
    assert not outcome.kept
    assert nothing_kept()


# --- invalid outlines, overlaps, gaps, repairs


def test_an_invalid_outline_is_reported_with_its_place_and_keeps_the_layer_out(
    session: Session, tmp_path: Path, nothing_kept: Nothing
) -> None:
    outcome = import_zones(tmp_path, [feature(BOWTIE), feature(square(3, 0))])
    assert not outcome.kept
    assert outcome.reason is not None
    assert "--accept-repairs" in outcome.reason
    [said] = [item for item in outcome.findings if item.kind == "invalid"]
    assert said.number == 1
    assert (said.lon, said.lat) == pytest.approx((117.4805, 0.1205), abs=1e-6)
    assert nothing_kept()


def test_overlaps_and_gaps_are_found_but_do_not_keep_a_layer_out(session: Session, tmp_path: Path, rows: Rows) -> None:
    ring = [feature(square(column, row)) for column in range(3) for row in range(3) if (column, row) != (1, 1)]
    ring[0] = feature(square(0, 0, width=1.5))
    outcome = import_zones(tmp_path, ring)
    assert outcome.kept
    assert outcome.coverage is not None
    step_m2 = float(MetricCrs(50, south=False).area_m2(shapely.box(117.48, 0.12, 117.481, 0.121)))
    kinds = {item.kind: item for item in all_findings(outcome) if item.kind in ("overlap", "gap")}
    assert kinds["overlap"].area_m2 == pytest.approx(step_m2 / 2, rel=1e-3)
    assert kinds["gap"].area_m2 == pytest.approx(step_m2, rel=1e-3)
    assert shapely.box(117.481, 0.121, 117.482, 0.122).covers(shapely.Point(kinds["gap"].lon, kinds["gap"].lat))
    assert rows("SELECT count(*) FROM version_zone") == [(8,)]


def test_accepted_repairs_are_listed_with_the_land_that_changes_hands(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    layer = [feature(square(0, 0, width=1.25)), feature(square(1, 0), "K-1")]
    proposed = import_zones(tmp_path, layer, dry_run=True)
    outcome = import_zones(tmp_path, layer, accept_repairs=True)
    assert outcome.kept
    step_m2 = float(MetricCrs(50, south=False).area_m2(shapely.box(117.48, 0.12, 117.481, 0.121)))
    assert outcome.coverage is not None
    assert outcome.coverage.overlaps == ()
    assert [item.area_m2 for item in outcome.repairs] == [item.area_m2 for item in proposed.repairs]
    assert [item.area_m2 for item in outcome.repairs] == [pytest.approx(step_m2 / 4, rel=1e-3)]
    [(overlap,)] = rows(
        "SELECT ST_Area(ST_Intersection(a.geom, b.geom)) FROM zone_revision a, zone_revision b WHERE a.id < b.id"
    )
    assert overlap == 0
    # The source stays as it came; what moved is noted beside it.
    sources = rows("SELECT geometry, repaired_m2 FROM source_feature ORDER BY number")
    assert shapely.from_wkb(sources[0][0]).equals(shape(layer[0]["geometry"]))
    assert [row[1] for row in sources] == pytest.approx([step_m2 / 4] * 2, rel=1e-3)


def test_a_zone_that_a_repair_empties_stays_linked_to_the_one_that_took_its_land(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    line = [[[117.48, 0.121], [117.481, 0.121], [117.48, 0.121], [117.48, 0.121]]]
    outcome = import_zones(tmp_path, [feature(square(0, 0)), feature(line, "K-1")], accept_repairs=True)
    assert outcome.kept, outcome.reason
    emptied = [item for item in outcome.repairs if item.kind == "emptied"]
    assert [item.number for item in emptied] == [2]
    sources = dict(rows("SELECT number, zone_id FROM source_feature"))
    assert rows("SELECT parent_zone_id, child_zone_id, kind FROM zone_lineage") == [(sources[2], sources[1], "repair")]
    assert rows("SELECT zone_id FROM version_zone") == [(sources[1],)]


def test_discarding_a_later_draft_leaves_an_emptied_zone_of_a_published_version(
    session: Session, tmp_path: Path, rows: Rows
) -> None:
    line = [[[117.48, 0.121], [117.481, 0.121], [117.48, 0.121], [117.48, 0.121]]]
    publish_zones(tmp_path, [feature(square(0, 0)), feature(line, "K-1")], accept_repairs=True)
    before = rows("SELECT id FROM zone ORDER BY id")
    import_zones(tmp_path, row_of_zones())
    editing.discard_draft("rdtr", 2)
    assert rows("SELECT id FROM zone ORDER BY id") == before


# --- one transaction, one draft


def test_a_failure_in_the_middle_keeps_nothing(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_kept: Nothing
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(storing, "_write_sources", fail)
    with pytest.raises(OSError, match="disk full"):
        import_zones(tmp_path, row_of_zones())
    assert nothing_kept()


def test_a_dry_run_keeps_nothing_and_finds_the_same(session: Session, tmp_path: Path, nothing_kept: Nothing) -> None:
    layer = [feature(square(0, 0, width=1.5), LUASHA=5), feature(square(1, 0), "XX-1")]
    dry = import_zones(tmp_path, layer, dry_run=True)
    assert not dry.kept
    assert nothing_kept()
    kept = import_zones(tmp_path, layer)

    def told(found: Finding) -> tuple[Any, ...]:
        return (found.kind, found.message, found.number, found.lon, found.lat, found.area_m2)

    assert [told(item) for item in all_findings(dry)] == [told(item) for item in all_findings(kept)]


def test_there_is_one_open_draft_per_plan(session: Session, tmp_path: Path, rows: Rows) -> None:
    import_zones(tmp_path, row_of_zones())
    with pytest.raises(Conflict) as caught:
        import_zones(tmp_path, row_of_zones())
    assert caught.value.hint is not None
    assert "ruang plans discard rdtr 1" in caught.value.hint
    other = import_zones(tmp_path, row_of_zones(), plan="lain")
    assert (other.kept, other.seq) == (True, 1)
    editing.discard_draft("rdtr", 1)
    assert import_zones(tmp_path, row_of_zones()).kept


def test_a_plan_is_made_as_the_profile_or_the_options_say(session: Session, tmp_path: Path, rows: Rows) -> None:
    import_zones(tmp_path, row_of_zones())
    import_zones(tmp_path, [feature([[[106.5, -6.5], [106.6, -6.5], [106.6, -6.4], [106.5, -6.5]]])],
                 plan="selatan", region=(106.0, -7.0, 107.0, -6.0), kind="rtrw", name="RTRW contoh")  # fmt: skip
    made = rows("SELECT code, name, kind, utm_zone, south, scale, accuracy_m, sample FROM plan ORDER BY code")
    assert made[0][3:5] == (50, False)
    assert made[0][7] is True
    assert made[1] == ("selatan", "RTRW contoh", "rtrw", 48, True, 25_000, 12.5, False)


@pytest.mark.parametrize("code", ["RDTR", "a b", "", "x" * 41, "../a"])
def test_a_code_that_no_address_can_hold_is_refused(session: Session, tmp_path: Path, code: str) -> None:
    with pytest.raises(Unprocessable) as caught:
        import_zones(tmp_path, row_of_zones(), plan=code)
    assert caught.value.field == "plan"


def test_a_draft_on_top_of_a_published_version_inherits_its_rules(session: Session, tmp_path: Path, rows: Rows) -> None:
    publish_zones(tmp_path)
    import_zones(tmp_path, row_of_zones(("R-2", "K-1", "ZZ")))
    ids = dict(rows("SELECT seq, id FROM plan_version"))
    for table in ("activity", "permitted_use", "use_condition", "intensity_rule", "overlay_rule", "article", "subzone"):
        old, new = (
            [{k: v for k, v in row[0].items() if k != "version_id"} for row in rows(
                f"SELECT to_jsonb(t) FROM {table} t WHERE version_id = :v ORDER BY to_jsonb(t)::text", v=ids[seq])]
            for seq in (1, 2)
        )  # fmt: skip
        assert old, table
        assert [row for row in new if row.get("code") != "ZZ"] == sorted(old, key=lambda row: new.index(row)), table
    assert rows("SELECT code FROM subzone WHERE version_id = :v AND code = 'ZZ'", v=ids[2]) == [("ZZ",)]


def test_progress_is_told_for_every_feature(session: Session, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = write_layer(tmp_path, row_of_zones())
    options = ImportOptions("rdtr", "Perwali contoh 1")
    editing.import_layer(path, options, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_the_version_keeps_where_it_came_from(session: Session, tmp_path: Path, rows: Rows) -> None:
    publish_zones(tmp_path, valid_from=dt.date(2023, 1, 1))
    [row] = rows("SELECT filename, layer, driver, crs, length(sha256), schema FROM source_file")
    assert row[:5] == ("zones.geojson", "zones", "geojson", "EPSG:4326", 64)
    assert list(row[5]["columns"]) == list(row_of_zones()[0]["properties"])
    assert rows("SELECT author, comment FROM changeset WHERE comment LIKE '%zones.geojson%'")
