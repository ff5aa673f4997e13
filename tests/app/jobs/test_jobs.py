"""Jobs are done once and whole, or not at all; who started one may watch and stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts.roles import Actor
from app.config import REPOSITORY
from app.database import db, transaction
from app.errors import Conflict, Forbidden, NotFound, Unprocessable
from app.jobs import running, service
from app.jobs.service import JobView, Upload
from app.jobs.worker import work
from app.runtime import runtime
from tests.app.jobs.conftest import person

PATIENCE_S = 60.0


def counted(job: JobView) -> int:
    """Rows that the work of a job left."""
    query = text("SELECT count(*) FROM audit_event WHERE action = 'counted' AND subject_id = :id")
    found = int(db.session.execute(query, {"id": str(job.id)}).scalar_one())
    db.session.remove()
    return found


def state(actor: Actor, job: JobView) -> JobView:
    db.session.remove()
    found = service.status(actor, job.id)
    db.session.remove()
    return found


def until(actor: Actor, job: JobView, *states: str) -> JobView:
    """Wait until a job is in one of the states."""
    ends = time.monotonic() + PATIENCE_S
    while (found := state(actor, job)).state not in states and time.monotonic() < ends:
        time.sleep(0.05)
    assert found.state in states, found
    return found


@contextmanager
def worker_process(app: Flask) -> Iterator[subprocess.Popen[bytes]]:
    url = runtime().settings.database_url
    assert url is not None
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.jobs.worker_process", url.get_secret_value()],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_job_is_done_with_its_result(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "count", {"rows": 3})
    assert (job.state, job.progress) == ("queued", 0)
    work(jobs_app, wait=False)
    done = state(planner, job)
    assert (done.state, done.progress, done.result) == ("done", 1, {"rows": 3})
    assert counted(job) == 3


def test_one_started_twice_under_a_key_is_done_once(jobs_app: Flask, planner: Actor) -> None:
    key = uuid.uuid4()
    first = service.start(planner, "count", {"rows": 2}, key)
    assert service.start(planner, "count", {"rows": 2}, key).id == first.id
    work(jobs_app, wait=False)
    again = service.start(planner, "count", {"rows": 2}, key)
    assert (again.id, again.state) == (first.id, "done")
    with pytest.raises(Conflict):
        service.start(person("planner"), "count", {"rows": 2}, key)
    assert counted(first) == 2


def test_nothing_is_started_when_the_transaction_fails(jobs_app: Flask, planner: Actor) -> None:
    started: list[JobView] = []

    def start_and_fail() -> None:
        with transaction():
            started.append(service.start(planner, "count", {"rows": 2}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start_and_fail()
    work(jobs_app, wait=False)
    with pytest.raises(NotFound):
        state(planner, started[0])
    assert counted(started[0]) == 0


def test_what_a_person_can_mend_is_said(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "refuse", {})
    work(jobs_app, wait=False)
    failed = state(planner, job)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["detail"] == "Ini tidak mengubah apa pun."


def test_a_mistake_of_ours_is_said_to_be_one(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "break", {})
    with pytest.raises(ZeroDivisionError):
        running.execute(job.id)
    failed = state(planner, job)
    assert failed.state == "failed"
    assert failed.error is not None
    assert "ZeroDivision" not in failed.error["detail"]


def test_a_file_travels_with_its_job(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "read", {}, file=Upload("../../etc/zona.gpkg", b"\0" * 100_000))
    work(jobs_app, wait=False)
    assert state(planner, job).result == {"name": "zona.gpkg", "size": 100_000}


def test_roles_and_owners(jobs_app: Flask, planner: Actor) -> None:
    with pytest.raises(Forbidden):
        service.start(person("officer"), "count", {"rows": 1})
    with pytest.raises(Unprocessable):
        service.start(planner, "count", {"rows": -1})
    job = service.start(planner, "count", {"rows": 1})
    with pytest.raises(NotFound):
        service.status(person("planner"), job.id)
    with pytest.raises(NotFound):
        service.cancel(person("approver"), job.id)
    assert service.status(person("administrator"), job.id).id == job.id


def test_a_job_that_waits_is_cancelled_at_once(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "count", {"rows": 1})
    assert service.cancel(planner, job.id).state == "cancelled"
    work(jobs_app, wait=False)
    assert state(planner, job).state == "cancelled"
    assert counted(job) == 0


def test_a_running_job_is_cancelled_and_leaves_nothing(jobs_app: Flask, planner: Actor, tmp_path: Path) -> None:
    barrier = tmp_path / "barrier"
    barrier.touch()
    job = service.start(planner, "count", {"rows": 5, "barrier": str(barrier)})
    with worker_process(jobs_app):
        until(planner, job, "running")
        assert service.cancel(planner, job.id).cancel_requested
        until(planner, job, "cancelled")
    assert counted(job) == 0


def test_cancelled_in_the_last_moment_nothing_is_kept(jobs_app: Flask, planner: Actor) -> None:
    job = service.start(planner, "count", {"rows": 1})
    db.session.execute(text("UPDATE job SET cancel_requested = true WHERE id = :id"), {"id": job.id})
    db.session.commit()
    running.execute(job.id)
    assert state(planner, job).state == "cancelled"
    assert counted(job) == 0


def test_the_job_of_a_killed_worker_is_done_by_the_next(jobs_app: Flask, planner: Actor, tmp_path: Path) -> None:
    barrier = tmp_path / "barrier"
    barrier.touch()
    job = service.start(planner, "count", {"rows": 3, "barrier": str(barrier)})
    with worker_process(jobs_app) as first:
        until(planner, job, "running")
        first.send_signal(signal.SIGKILL)
        first.wait()
    barrier.unlink()
    work(jobs_app, wait=False)
    assert state(planner, job).state == "done"
    assert counted(job) == 3


def test_a_job_that_kills_its_workers_fails_with_a_clear_text(jobs_app: Flask, planner: Actor, tmp_path: Path) -> None:
    barrier = tmp_path / "barrier"
    barrier.touch()
    job = service.start(planner, "count", {"rows": 3, "barrier": str(barrier)})
    for _attempt in range(2):
        with worker_process(jobs_app):
            until(planner, job, "running")
        ended = time.monotonic() + PATIENCE_S
        while service.recover() == 0 and time.monotonic() < ended:
            time.sleep(0.05)
    failed = state(planner, job)
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error["hint"]
    work(jobs_app, wait=False)
    assert counted(job) == 0


def test_a_worker_that_is_asked_to_stop_leaves_the_job_to_the_next(
    jobs_app: Flask, planner: Actor, tmp_path: Path
) -> None:
    barrier = tmp_path / "barrier"
    barrier.touch()
    job = service.start(planner, "count", {"rows": 2, "barrier": str(barrier)})
    with worker_process(jobs_app) as first:
        until(planner, job, "running")
        first.terminate()
        assert first.wait(PATIENCE_S) == 0
    assert state(planner, job).state == "queued"
    barrier.unlink()
    work(jobs_app, wait=False)
    assert state(planner, job).state == "done"
    assert counted(job) == 2


def test_a_job_that_is_being_done_is_not_taken_up(jobs_app: Flask, planner: Actor, tmp_path: Path) -> None:
    barrier = tmp_path / "barrier"
    barrier.touch()
    job = service.start(planner, "count", {"rows": 1, "barrier": str(barrier)})
    with worker_process(jobs_app):
        until(planner, job, "running")
        assert service.recover() == 0
        barrier.unlink()
        until(planner, job, "done")
    assert counted(job) == 1


def test_old_jobs_are_forgotten_with_their_files(jobs_app: Flask, planner: Actor) -> None:
    old = service.start(planner, "read", {}, file=Upload("a.gpkg", b"x"))
    work(jobs_app, wait=False)
    new = service.start(planner, "read", {}, file=Upload("b.gpkg", b"x"))
    db.session.execute(text("UPDATE job SET finished_at = now() - interval '31 days' WHERE id = :id"), {"id": old.id})
    db.session.commit()
    assert service.forget_old() == 1
    assert state(planner, new).state == "queued"
    assert db.session.execute(text("SELECT array_agg(filename) FROM job_file")).scalar() == ["b.gpkg"]
