"""A worker of its own on a database: ``python -m tests.app.jobs.worker_process URL``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from app import create_app
from app.config import Settings
from app.jobs.kinds import register
from app.jobs.worker import work
from app.runtime import runtime_of
from tests.app.jobs.kinds import KINDS

if __name__ == "__main__":
    application = create_app(
        Settings(_env_file=None, database_url=sys.argv[1], secret_key="only for tests", var=Path(tempfile.gettempdir()))
    )
    runtime = runtime_of(application)
    runtime.job_kinds = register(runtime.job_kinds, *KINDS)
    work(application)
