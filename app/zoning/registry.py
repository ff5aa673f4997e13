"""What this process knows of published versions: the timeline of every plan, and the snapshots in memory.

The timeline is re-read when the database says that something was published (LISTEN), and every few seconds anyway, so
that all processes agree soon whatever happens to a connection. Versions with a future date take effect by themselves:
the timeline is asked for a day, and the day changes. Snapshots are immutable and kept by version id; the least recently
used one is dropped.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

import psycopg
import structlog
from flask import Flask

from app.database import db
from app.places import service as places
from app.plans import service as plans
from app.plans.timeline import PlanTimeline, VersionEntry
from app.zoning.snapshot import Snapshot

CHANNELS = ("ruang_published", "ruang_places")
log = structlog.get_logger()


class Registry:
    """One per application. Reading needs no lock: what is read is replaced whole, never changed."""

    def __init__(self, *, keep: int, tolerance_deg: float, max_age_s: float) -> None:
        self._keep = keep
        self._tolerance_deg = tolerance_deg
        self._max_age_s = max_age_s
        self._timelines: tuple[PlanTimeline, ...] = ()
        self._read_at = float("-inf")
        self._in_background = False
        self._places_version: int | None = None
        self._snapshots: OrderedDict[int, Snapshot] = OrderedDict()
        self._lock = threading.Lock()

    def timelines(self) -> tuple[PlanTimeline, ...]:
        """The timeline of every plan; read again here only where no background thread does it."""
        if not self._in_background and time.monotonic() - self._read_at > self._max_age_s:
            self.refresh()
        return self._timelines

    def refresh(self) -> None:
        """Read the timelines now, and drop snapshots of versions that are no longer public."""
        read = plans.timelines()
        places_version = places.places_version()
        if places_version != self._places_version:
            # Asked and not only listened for: a notice that came while the connection was down is never repeated.
            places.forget()
            self._places_version = places_version
        public = {entry.version_id for timeline in read for entry in timeline.versions}
        with self._lock:
            self._timelines = read
            self._read_at = time.monotonic()
            for version_id in [known for known in self._snapshots if known not in public]:
                del self._snapshots[version_id]

    def snapshot(self, timeline: PlanTimeline, entry: VersionEntry) -> Snapshot:
        """The version in memory, built at first use."""
        found = self._snapshots.get(entry.version_id)
        # The end of its validity, or its withdrawal, is recorded after it was published; the rest never changes.
        if found is not None and found.entry == entry:
            # With room for all, nothing is dropped and their order does not matter: most requests take no lock.
            if len(self._snapshots) >= self._keep:
                with self._lock:
                    if entry.version_id in self._snapshots:
                        self._snapshots.move_to_end(entry.version_id)
            return found
        with self._lock:
            found = self._snapshots.get(entry.version_id)
            if found is None or found.entry != entry:
                found = Snapshot(timeline, entry, plans.content(entry.version_id), tolerance_deg=self._tolerance_deg)
                # Objects of the session outlive it here; without this they would be read again at first touch.
                db.session.expunge_all()
                self._snapshots[entry.version_id] = found
                self._snapshots.move_to_end(entry.version_id)
                log.info("version loaded", plan=timeline.code, seq=entry.seq, zones=len(found.zones))
                while len(self._snapshots) > self._keep:
                    self._snapshots.popitem(last=False)
            return found

    def loaded(self) -> list[int]:
        """Ids of the versions in memory."""
        return list(self._snapshots)

    def watch(self, app: Flask, warm: Callable[[], None]) -> threading.Thread:
        """Start the background thread: listen, re-read, load what is in force today."""
        self._in_background = True
        thread = threading.Thread(target=self._watch, args=(app, warm), name="timeline", daemon=True)
        thread.start()
        return thread

    def _watch(self, app: Flask, warm: Callable[[], None]) -> None:
        listener: psycopg.Connection[tuple[object, ...]] | None = None
        while True:
            try:
                with app.app_context():
                    self.refresh()
                    warm()
                    if listener is None or listener.closed:
                        listener = _listen(app)
                # Whatever was announced, everything is read again; a notice only ends the wait.
                for _notice in listener.notifies(timeout=self._max_age_s, stop_after=1):
                    pass
            except Exception as error:
                # Anything at all: a thread that ended here would leave this process on an old plan for ever. The
                # database may be away, or a version fail to load; what was loaded goes on answering, and this tries again.
                log.warning("timeline not read", reason=type(error).__name__, detail=str(error)[:200])
                listener = None
                time.sleep(self._max_age_s)


def _listen(app: Flask) -> psycopg.Connection[tuple[object, ...]]:
    url = db.engine.url.set(drivername="postgresql")
    connection = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)
    for channel in CHANNELS:
        connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
    return connection
