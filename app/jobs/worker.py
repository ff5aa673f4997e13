"""The worker process: takes jobs from the queue, one at a time, until it is asked to stop."""

from __future__ import annotations

import asyncio
import uuid

import structlog
from flask import Flask
from procrastinate import App
from procrastinate.job_context import JobContext

from app.jobs import queue, running, service
from app.runtime import runtime_of

log = structlog.get_logger()
# A job that is being done gets so long to come to its next step; then it is cut off, and begun anew at the next start.
_SECONDS_TO_REACH_A_STEP = 5.0
_POLL_SECONDS = 5.0


def work(flask_app: Flask, *, wait: bool = True) -> None:
    """Do jobs until SIGINT or SIGTERM. wait: False ends when the queue is empty, for tests."""
    asyncio.run(_work(flask_app, wait=wait))


async def _work(flask_app: Flask, *, wait: bool) -> None:
    worker_app = _procrastinate(flask_app)
    with flask_app.app_context():
        service.recover()
    async with worker_app.open_async():
        await worker_app.run_worker_async(
            queues=[queue.JOBS, queue.UPKEEP],
            wait=wait,
            delete_jobs="always",
            fetch_job_polling_interval=_POLL_SECONDS,
            shutdown_graceful_timeout=_SECONDS_TO_REACH_A_STEP,
            install_signal_handlers=wait,
        )


def _procrastinate(flask_app: Flask) -> App:
    made = App(connector=queue.connector(runtime_of(flask_app).database_url))

    @made.task(name=queue.TASK, queue=queue.JOBS, pass_context=True)
    def job(context: JobContext, job_id: str) -> None:
        with flask_app.app_context():
            running.execute(uuid.UUID(job_id), context.should_abort)

    @made.periodic(cron="* * * * *")
    @made.task(name="recover", queue=queue.UPKEEP, queueing_lock="recover")
    def recover(timestamp: int) -> None:
        with flask_app.app_context():
            service.recover()

    @made.periodic(cron="17 * * * *")
    @made.task(name="forget_old", queue=queue.UPKEEP, queueing_lock="forget_old")
    def forget_old(timestamp: int) -> None:
        with flask_app.app_context():
            service.forget_old()

    return made
