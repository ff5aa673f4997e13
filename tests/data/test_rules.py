"""The sample city's rules: complete, at one with their own articles, and different where they say so."""

import csv
import itertools
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

CITY = Path(__file__).resolve().parents[2] / "data" / "bontang"
YEARS = (2023, 2026)
CELL = re.compile(r"^(I|X|[TB]\d(,[TB]\d)*)?$")
ROAD_CLASSES = {"", "arteri", "kolektor", "lokal", "lingkungan"}
COLUMNS = {
    "subzones": "code,domain_code,name,zone,group,colour,colour_official",
    "activities": "activity_id,kbli,kbli_edition,title,kbli_title,category,synonyms",
    "conditions": "code,kind,text,article",
    "intensity": "subzone_code,applies,road_class,lot_min_m2,lot_max_m2,building_type,kdb_max_pct,"
    "klb_max_ratio,kdh_min_pct,ktb_max_pct,gsb_min_m,side_min_m,rear_min_m,height_max_m,floors_max,article",
    "overlays": "kind,name,class,text,article",
    "articles": "number,title,text",
    "kbli_correspondence": "from_edition,from_code,to_edition,to_code,note",
}
# For each kind, the values that have a text of their own besides '*'.
OVERLAY_CLASSES: dict[str, set[str]] = {
    "KKOP_1": {"Kawasan Di Bawah Permukaan Transisi", "Kawasan Di Bawah Permukaan Horizontal Dalam"},
    "LP2B_2": set(),
    "KRB_03": {"Banjir Rendah", "Banjir Sedang", "Banjir Tinggi"} | {"Rob", "Longsor Sedang", "Kegagalan Teknologi"},
    "TOD_04": set(),
    "TEB_05": {"Tempat Evakuasi Sementara", "Jalur Evakuasi"},
    "PUSLIT": set(),
    "CAGBUD": {"Ya"},
    "RESAIR": {"Ya"},
    "KSMPDN": {"Sempadan Pantai", "Sempadan Sungai"},
    "HANKAM": set(),
    "KKARST": set(),
    "PTBGMB": set(),
    "MGRSAT": set(),
    "RDBUMI": set(),
}
INTENSITY_PHRASES = {
    "kdb_max_pct": "KDB paling banyak {} persen",
    "klb_max_ratio": "KLB paling banyak {}",
    "kdh_min_pct": "KDH paling sedikit {} persen",
    "ktb_max_pct": "KTB paling banyak {} persen",
    "gsb_min_m": "GSB paling sedikit {} m",
    "side_min_m": "jarak bebas samping paling sedikit {} m",
    "rear_min_m": "jarak bebas belakang paling sedikit {} m",
    "height_max_m": "tinggi paling banyak {} m",
    "floors_max": "paling banyak {} lantai",
}
CHANGED_CELLS = {
    ("kos-kosan", "R-3"): ("I", "T4,B2"),
    ("homestay", "R-3"): ("B2", "T3,B2"),
    ("kafe", "R-3"): ("T3,B2,B3", "T2,T3,B2,B3"),
    ("minimarket", "R-4"): ("T3,T4,B3", "X"),
    ("sarang-walet", "R-4"): ("T4,B1,B2,B4", "X"),
    ("pertamini", "K-1"): ("", "X"),
    ("pertamini", "K-3"): ("", "X"),
    ("pltu", "KPI"): ("B1,B4,B5", "X"),
    ("rumah-panggung", "EM"): ("", "X"),
    ("parkir-tepi-jalan", "K-1"): ("T4,B3", "X"),
    ("bank-sampah", "R-2"): ("T4", "I"),
    ("bank-sampah", "R-3"): ("T4", "I"),
    ("bank-sampah", "R-4"): ("T4", "I"),
    ("plts", "PL-3"): ("B5", "I"),
    ("plts", "PL-4"): ("B5", "I"),
    ("tambang-galian", "HPK"): ("B1,B4,B5", "X"),
}

Rows = list[dict[str, str]]


class Rules:
    """The tables of one version, each a list of rows."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.folder = CITY / f"rules_{year}"

    def header(self, name: str) -> str:
        return (self.folder / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]

    def table(self, name: str) -> Rows:
        with (self.folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, strict=True))

    def codes(self) -> list[str]:
        return [row["code"] for row in self.table("subzones")]

    def cells(self) -> Iterator[tuple[str, str, str]]:
        for row in self.table("itbx"):
            for code in self.codes():
                yield row["activity_id"], code, row[code]

    def article_texts(self) -> dict[str, str]:
        return {row["number"]: row["text"] for row in self.table("articles")}


@pytest.fixture(params=YEARS)
def rules(request: pytest.FixtureRequest) -> Rules:
    return Rules(request.param)


def official_facts(name: str) -> Rows:
    path = CITY / "inputs" / name
    if not path.exists():
        pytest.skip(f"{path} is missing: the copy of the facts is not there to compare with")
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def indonesian_number(text: str) -> str:
    """'0.05' as it is written in an article: '0,05'; thousands with a point."""
    whole = f"{Decimal(text):,f}"
    if "." in whole:
        whole = whole.rstrip("0").rstrip(".")
    return whole.translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_columns_are_the_agreed_ones(rules: Rules, name: str) -> None:
    assert rules.header(name) == COLUMNS[name]
    assert all(None not in row and None not in row.values() for row in rules.table(name))


def test_subzones_are_the_36_of_the_plan(rules: Rules) -> None:
    codes = rules.codes()
    assert len(codes) == len(set(codes)) == 36
    assert rules.header("itbx") == ",".join(["activity_id", *codes])
    for row in rules.table("subzones"):
        assert row["group"] in {"lindung", "budi daya"}
        assert re.fullmatch(r"#[0-9a-f]{6}", row["colour"])
        assert row["colour_official"] in {"true", "false"}
        assert re.fullmatch(r"(3[12]\d{6})?", row["domain_code"])


def test_subzones_agree_with_the_facts(rules: Rules) -> None:
    facts = {row["code"]: row for row in official_facts("subzones.csv") if row["in_bontang_rdtr"] == "yes"}
    assert set(facts) == set(rules.codes())
    for row in rules.table("subzones"):
        fact = facts[row["code"]]
        same = ("domain_code", "name", "zone", "group")
        assert [row[key] for key in same] == [fact[key] for key in same]
        if fact["rgb"]:
            colour = "#" + "".join(f"{int(part):02x}" for part in fact["rgb"].split(","))
            assert (row["colour"], row["colour_official"]) == (colour, "true")
        else:
            assert row["colour_official"] == "false"


def test_zone_colours_differ(rules: Rules) -> None:
    colours = [row["colour"] for row in rules.table("subzones")]
    assert len(set(colours)) == len(colours)


def test_activities_are_many_unique_and_findable(rules: Rules) -> None:
    rows = rules.table("activities")
    ids = [row["activity_id"] for row in rows]
    assert len(ids) >= 160
    assert len(set(ids)) == len(ids)
    assert len({row["title"] for row in rows}) == len(ids)
    for row in rows:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["activity_id"])
        assert row["title"] == row["title"].strip()
        assert row["category"]
        words = row["synonyms"].split(";")
        assert len(words) >= 2
        assert all(word and word == word.strip() for word in words)
        assert len({word.casefold() for word in words}) == len(words)


@pytest.mark.parametrize(
    ("word", "activity_id"),
    [
        ("warung", "toko-kelontong"),
        ("rumah", "rumah-tunggal"),
        ("kost", "kos-kosan"),
        ("londri", "laundry"),
        ("walet", "sarang-walet"),
        ("pom bensin", "spbu"),
        ("mesjid", "masjid"),
        ("boarding house", "kos-kosan"),
        ("tower", "menara-telekomunikasi"),
    ],
)
def test_everyday_words_are_synonyms(rules: Rules, word: str, activity_id: str) -> None:
    (row,) = [row for row in rules.table("activities") if row["activity_id"] == activity_id]
    assert word in row["synonyms"].casefold().split(";")


def test_kbli_codes_and_titles_are_the_official_ones(rules: Rules) -> None:
    titles = {row["kbli"]: row["title"] for row in official_facts("kbli_everyday.csv")}
    for row in rules.table("activities"):
        codes = [code for code in row["kbli"].split(";") if code]
        assert row["kbli_edition"] == ("2020" if codes else "")
        assert all(code in titles for code in codes), row
        assert row["kbli_title"] == "; ".join(titles[code] for code in codes)


def test_every_cell_follows_the_grammar_and_names_known_conditions(rules: Rules) -> None:
    known = {row["code"]: row["kind"] for row in rules.table("conditions")}
    assert set(known) == {f"{letter}{n}" for letter in "TB" for n in range(1, 6)}
    assert all(kind == ("limited" if code[0] == "T" else "conditional") for code, kind in known.items())
    used = set()
    for activity_id, code, cell in rules.cells():
        assert CELL.match(cell), (activity_id, code, cell)
        parts = [part for part in cell.split(",") if part not in {"", "I", "X"}]
        assert parts == sorted(set(parts), key=lambda part: (part[0] == "B", part)), (activity_id, code, cell)
        used.update(parts)
    assert used == set(known)


def test_itbx_has_a_row_for_each_activity(rules: Rules) -> None:
    listed = [row["activity_id"] for row in rules.table("itbx")]
    assert listed == [row["activity_id"] for row in rules.table("activities")]


def test_decisions_vary_by_activity_and_by_subzone(rules: Rules) -> None:
    rows = rules.table("itbx")
    codes = rules.codes()
    assert len({tuple(row[code] for code in codes) for row in rows}) >= 100
    columns = {code: [row[code] for row in rows] for code in codes}
    for one, other in itertools.combinations(codes, 2):
        differing = sum(a != b for a, b in zip(columns[one], columns[other], strict=True))
        assert differing >= 8, (one, other)
    kinds = {"I": 0, "X": 0, "T": 0, "B": 0, "": 0}
    for _, _, cell in rules.cells():
        kinds[cell[:1]] += 1
    assert min(kinds.values()) >= 100
    assert kinds[""] < sum(kinds.values()) * 0.03


@pytest.mark.parametrize(
    ("activity_id", "subzones", "allowed"),
    [
        ("rumah-tunggal", "EM HL KS PS BA BJ KPI PTL", {"X"}),
        ("rumah-tunggal", "R-2 R-3 R-4", {"I"}),
        ("toko-kelontong", "R-2 C-1 K-1 K-3", {"I"}),
        ("toko-kelontong", "KPI", {"B5"}),
        ("pabrik-pupuk", "R-2 R-3 R-4 C-1 K-1 K-3 W SPU-1 EM HL KS", {"X"}),
        ("rumah-panggung", "IK-1", {"I"}),
        ("industri-kimia", "KPI", {"I"}),
    ],
)
def test_plain_cases(rules: Rules, activity_id: str, subzones: str, allowed: set[str]) -> None:
    row = next(row for row in rules.table("itbx") if row["activity_id"] == activity_id)
    assert {row[code] for code in subzones.split()} == allowed


def test_hazardous_storage_only_in_industry_and_warehouses(rules: Rules) -> None:
    row = next(row for row in rules.table("itbx") if row["activity_id"] == "gudang-bahan-berbahaya")
    assert {code for code in rules.codes() if row[code] != "X"} == {"KPI", "PL-6"}


def test_every_cited_article_exists_and_none_is_titleless(rules: Rules) -> None:
    texts = rules.article_texts()
    rows = rules.table("articles")
    assert len(texts) == len(rows)
    assert all(re.fullmatch(r"Pasal contoh \d+", row["number"]) for row in rows)
    assert all(row["title"] and row["text"] for row in rows)
    for name in ("conditions", "intensity", "overlays"):
        for row in rules.table(name):
            assert row["article"] in texts, row
    for text in texts.values():
        assert set(re.findall(r"Pasal contoh \d+", text)) <= set(texts)


def test_articles_say_what_conditions_and_overlays_say(rules: Rules) -> None:
    texts = rules.article_texts()
    for name in ("conditions", "overlays"):
        for row in rules.table(name):
            assert row["text"] in texts[row["article"]], row


def test_articles_say_what_the_intensity_table_says(rules: Rules) -> None:
    texts = rules.article_texts()
    for row in rules.table("intensity"):
        applies = row["applies"]
        sentences = re.split(r"(?<=\.) (?=[A-Z])", texts[row["article"]])
        if row["lot_min_m2"]:
            bound = f"{indonesian_number(row['lot_min_m2'])} m2"
            applies += f" pada persil {bound}"
            upper = row["lot_max_m2"]
            applies += f" sampai kurang dari {indonesian_number(upper)} m2" if upper else " atau lebih"
        (sentence,) = [text for text in sentences if text.startswith(f"{applies}:")]
        if row["road_class"]:
            (sentence_of_road,) = re.findall(rf"di jalan {row['road_class']} [^;]*", sentence)
        else:
            sentence_of_road = sentence
        by_road = {"gsb_min_m", "height_max_m", "floors_max"}
        stated = [column for column in INTENSITY_PHRASES if row[column]]
        for column in stated:
            phrase = INTENSITY_PHRASES[column].format(indonesian_number(row[column]))
            pattern = rf"(?<![\w]){re.escape(phrase)}(?![\d]|,\d)"
            assert re.search(pattern, sentence_of_road if column in by_road else sentence), (row, phrase)
        if not stated:
            assert "belum diatur" in sentence


def test_every_subzone_has_intensity_rows_of_sane_values(rules: Rules) -> None:
    rows = rules.table("intensity")
    assert {row["subzone_code"] for row in rows} == set(rules.codes())
    for row in rows:
        assert row["road_class"] in ROAD_CLASSES
        for column in INTENSITY_PHRASES:
            assert row[column] == "" or Decimal(row[column]) >= 0
        if row["kdb_max_pct"] and row["kdh_min_pct"]:
            assert Decimal(row["kdb_max_pct"]) + Decimal(row["kdh_min_pct"]) <= 100, row
        if row["floors_max"]:
            assert Decimal(row["height_max_m"]) >= 3 * int(row["floors_max"]), row
        if row["lot_max_m2"]:
            assert Decimal(row["lot_min_m2"]) < Decimal(row["lot_max_m2"])


def test_nothing_stated_stays_empty_in_protected_zones(rules: Rules) -> None:
    for row in rules.table("intensity"):
        if row["subzone_code"] in {"BA", "HL", "KS", "BJ"}:
            assert not any(row[column] for column in INTENSITY_PHRASES)
            assert row["article"]


def test_intensity_rows_do_not_contradict_each_other(rules: Rules) -> None:
    by_case: dict[tuple[str, str, str], list[tuple[Decimal, Decimal]]] = {}
    for row in rules.table("intensity"):
        case = (row["subzone_code"], row["applies"], row["road_class"])
        span = (Decimal(row["lot_min_m2"] or 0), Decimal(row["lot_max_m2"] or "Infinity"))
        by_case.setdefault(case, []).append(span)
    for case, spans in by_case.items():
        for (_, end), (start, _) in itertools.pairwise(sorted(spans)):
            assert end <= start, case


def test_overlays_cover_all_kinds_and_classes(rules: Rules) -> None:
    rows = rules.table("overlays")
    assert list(dict.fromkeys(row["kind"] for row in rows)) == list(OVERLAY_CLASSES)
    for kind, classes in OVERLAY_CLASSES.items():
        assert {row["class"] for row in rows if row["kind"] == kind} == classes | {"*"}
        assert len({row["name"] for row in rows if row["kind"] == kind}) == 1
    assert len({(row["kind"], row["class"]) for row in rows}) == len(rows)


def test_correspondence_is_marked_as_invented_and_many_to_many(rules: Rules) -> None:
    rows = rules.table("kbli_correspondence")
    assert all(row["to_edition"] == "contoh-2025" and row["to_code"].startswith("contoh-") for row in rows)
    assert all(row["note"].startswith("contoh") for row in rows)
    pairs = [(row["from_code"], row["to_code"]) for row in rows]
    assert len({source for source, _ in pairs}) < len(pairs)
    assert len({target for _, target in pairs}) < len(pairs)
    used = {code for row in rules.table("activities") for code in row["kbli"].split(";")}
    assert {source for source, _ in pairs} <= used


def test_versions_differ_exactly_where_the_readme_says() -> None:
    old, new = ({(activity_id, code): cell for activity_id, code, cell in Rules(year).cells()} for year in YEARS)
    changed = {key: (old[key], new[key]) for key in old if old[key] != new[key]}
    assert changed == CHANGED_CELLS
    assert {activity_id for activity_id, _ in new.keys() - old.keys()} == {"spklu"}
    assert Rules(2023).codes() == Rules(2026).codes()


def test_intensities_differ_exactly_where_the_readme_says() -> None:
    changed: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    old, new = (Rules(year).table("intensity") for year in YEARS)
    for before, after in zip(old, new, strict=True):
        for column in COLUMNS["intensity"].split(","):
            if before[column] != after[column]:
                key = (before["subzone_code"], before["building_type"], column)
                changed.setdefault(key, set()).add((before[column], after[column]))
    assert changed == {
        ("R-2", "rumah tunggal", "kdh_min_pct"): {("15", "20"), ("20", "25"), ("25", "30")},
        ("R-3", "rumah tunggal", "kdh_min_pct"): {("20", "25"), ("25", "30"), ("30", "35")},
        ("KPI", "bangunan industri", "kdh_min_pct"): {("20", "25"), ("25", "30")},
        ("K-1", "ruko", "kdb_max_pct"): {("80", "75")},
        ("K-1", "ruko", "klb_max_ratio"): {("3.2", "3")},
        ("K-1", "bangunan tinggi", "kdh_min_pct"): {("15", "20")},
        ("C-1", "bangunan tinggi", "height_max_m"): {("40", "32")},
        ("C-1", "bangunan tinggi", "floors_max"): {("10", "8")},
    }


def test_condition_and_flood_texts_changed() -> None:
    def text(year: int, name: str, **match: str) -> str:
        (row,) = [r for r in Rules(year).table(name) if all(r[k] == v for k, v in match.items())]
        return row["text"]

    assert "60 m2" in text(2023, "conditions", code="T1")
    assert "40 m2" in text(2026, "conditions", code="T1")
    flood = {"kind": "KRB_03", "class": "Banjir Tinggi"}
    assert "0,75 m" in text(2023, "overlays", **flood)
    assert "paling sedikit 1 m" in text(2026, "overlays", **flood)


def test_readmes_say_that_it_is_a_sample(rules: Rules) -> None:
    readme = (rules.folder / "README.md").read_text(encoding="utf-8")
    assert "not Bontang's legal plan" in readme
    assert "Pasal contoh" in readme
