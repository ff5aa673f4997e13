"""``python -m tests.bench``: measure and print; see README.md. Nothing is asserted: figures depend on the machine."""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import shapely

from app.operations.cluster import temporary_cluster
from tests.bench import databases, drafts, editing, http, load, measures, memory, servers
from tests.bench.http import Subject
from tests.bench.servers import Server

_POINTS = 1_000_000
_SINGLE_POINTS = 20_000
_COLD_ZOOMS = (13, 14, 15, 16)
_LOW_ZOOMS = (8, 9, 10, 11, 12)


def main(arguments: list[str]) -> None:
    """Run all measurements."""
    options = _options(arguments)
    started = time.perf_counter()
    with ExitStack() as stack:
        admin_url = os.environ.get("RUANG_TEST_ADMIN_URL") or stack.enter_context(temporary_cluster()).admin_url
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ruang-bench-")))
        _heading(f"Sample city, {options.workers} worker(s), {os.cpu_count()} processors")
        databases.make_sample(admin_url, folder, reuse=options.reuse)
        _measure(admin_url, databases.SAMPLE, folder, options)
        if options.zones:
            _heading(f"Made-up plan of {options.zones:,} zones, 40 vertices each")
            databases.make_large(admin_url, folder, zones=options.zones, reuse=options.reuse)
            _measure(admin_url, databases.LARGE, folder, options)
        if options.edited:
            _heading(
                f"Draft of a made-up plan of {options.edited:,} zones, {4 * drafts.STEPS} vertices each, in process"
            )
            databases.make_large(
                admin_url,
                folder,
                zones=options.edited,
                reuse=options.reuse,
                name=databases.EDITED,
                steps=drafts.STEPS,
            )
            with databases.application(admin_url, databases.EDITED, folder):
                drafts.measure(_line)
            for figure in editing.edit_figures(editing.large_plan(options.edited)):
                _line(figure.what, f"{figure.median_ms:.1f} ms", f"slowest {figure.slowest_ms:.1f} ms")
        if not options.reuse:
            for name in (databases.SAMPLE, databases.LARGE, databases.EDITED):
                databases.drop_database(admin_url, name)
    _line("whole run", f"{time.perf_counter() - started:.0f} s")


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--workers", type=int, default=1, help="server processes; 1 leaves a core to the load")
    parser.add_argument("--rounds", type=int, default=9, help="rounds of which medians are taken")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one round of one subject")
    parser.add_argument("--zones", type=int, default=50_000, help="size of the made-up plan; 0 leaves it out")
    parser.add_argument("--edited", type=int, default=drafts.ZONES, help="size of the plan that is edited; 0: none")
    parser.add_argument("--reuse", action="store_true", help="keep the databases, and use those of the last run")
    return parser.parse_args(arguments)


def _measure(admin_url: str, name: str, folder: Path, options: argparse.Namespace) -> None:
    """Everything about one database: in process first, then over HTTP."""
    with databases.application(admin_url, name, folder):
        loaded = measures.load_version()
    index, snapshot = loaded.snapshot.index, loaded.snapshot
    _line("zones in force", f"{len(index):,}", f"{_vertices(index.geometries):,} vertices")
    _line("index built", f"{loaded.index_s:.2f} s", f"version read and built in {loaded.total_s:.2f} s")
    points = measures.points_within(index, _POINTS)
    _in_process(index, points)
    labels = shapely.get_coordinates(shapely.point_on_surface(index.geometries)).tolist()
    version_id = snapshot.entry.version_id
    env = servers.environment(databases.settings(admin_url, name, folder))
    with _platform(env, folder, options.workers) as server:
        _cold_tiles(server, version_id, http.busiest_tiles(labels, (*_LOW_ZOOMS, *_COLD_ZOOMS)))
        _rates(server, version_id, labels, iter(points.tolist()), folder, options)
        _line("search for places", f"{http.search_ms(server):.1f} ms", "median, one at a time")
        _line("search for activities", f"{http.activities_ms(server):.1f} ms", "median, one at a time")
        for pid in server.workers():
            used = memory.of(pid)
            _line("memory of a worker", f"{used.resident_mb:.0f} MiB", f"{used.proportional_mb:.0f} MiB proportional")


def _vertices(geometries: measures.Points) -> int:
    return int(shapely.get_num_coordinates(geometries).sum())


def _in_process(index: measures.ZoningIndex, points: measures.Points) -> None:
    _line("one point", f"{measures.one_point_us(index, points[:_SINGLE_POINTS]):.1f} us", "mean, in process")
    ours = statistics.median(measures.many_s(index, points) for _ in range(3))
    theirs = measures.sjoin_s(index, points)
    _line(
        f"{len(points):,} points", f"{ours:.2f} s", f"geopandas.sjoin {theirs:.2f} s: {theirs / ours:.0f} times as long"
    )


@contextmanager
def _platform(env: dict[str, str], folder: Path, workers: int) -> Iterator[Server]:
    with servers.running(
        servers.PLATFORM, env, workers=workers, ready="/readyz", log=folder / "platform.log"
    ) as server:
        _line("start to ready", f"{server.seconds_to_ready:.1f} s")
        yield server


def _cold_tiles(server: Server, version_id: int, tiles: dict[int, http.Tile]) -> None:
    for zoom, tile in tiles.items():
        taken, size = http.first_ms(server, http.tile_path("zones", version_id, tile))
        _line(f"cold busiest tile, z{zoom}", f"{taken:.0f} ms", f"{size / 1024:.1f} KiB sent")


def _rates(
    server: Server,
    version_id: int,
    labels: list[list[float]],
    points: Iterator[list[float]],
    folder: Path,
    options: argparse.Namespace,
) -> None:
    health = itertools.repeat(load.get("/healthz"))
    busy = http.busiest_tiles(labels, (14,))[14]
    tile = itertools.repeat(load.get(http.tile_path("zones", version_id, busy)))
    with servers.running(servers.BARE, {}, workers=options.workers, ready="/healthz", log=folder / "bare.log") as bare:
        rounds = http.interleave(
            [
                Subject("bare Flask route", bare.port, health),
                Subject("/healthz", server.port, health),
                Subject("card", server.port, http.cards(points, compressed=False)),
                Subject("card, compressed", server.port, http.cards(points, compressed=True)),
                Subject("cached tile", server.port, tile),
            ],
            rounds=options.rounds,
            seconds=options.seconds,
        )
    for name, done in rounds.items():
        reference = "bare Flask route" if name == "/healthz" else "/healthz"
        compared = "" if name == "bare Flask route" else f"{http.ratio(rounds, name, reference):.2f} of {reference}; "
        p50, p95 = (http.median(done, lambda one, p=p: one.percentile_ms(p)) for p in (50, 95))
        _line(
            name,
            f"{http.median(done, lambda one: one.per_second):,.0f}/s",
            f"{compared}{p50:.1f} ms, 95 % {p95:.1f} ms",
        )


def _heading(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def _line(name: str, value: str, remark: str = "") -> None:
    sys.stdout.write(f"  {name:<26} {value:>12}  {remark}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
