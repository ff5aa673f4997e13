"""Jobs for tests: one that writes something down in steps, one that waits for a file to be removed, ones that fail."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from flask_babel import gettext
from pydantic import BaseModel, Field

from app.accounts.service import record
from app.database import db
from app.errors import Unprocessable
from app.jobs.kinds import Kind, Run

PATIENCE_S = 60.0


class Counting(BaseModel):
    """How many rows are written, and which file is waited for after the first."""

    rows: int = Field(ge=0, le=100)
    barrier: str | None = None


class Nothing(BaseModel):
    """No arguments."""


def _count(run: Run, arguments: Counting) -> dict[str, Any]:
    for number in range(arguments.rows):
        run.step(number / arguments.rows, gettext("checking the coverage"))
        record(db.session(), run.actor, "counted", ("job", str(run.id)), number=number)
        db.session().flush()
        until = time.monotonic() + PATIENCE_S
        while number == 0 and arguments.barrier and Path(arguments.barrier).exists() and time.monotonic() < until:
            run.step(0.5 + 0.001 * time.monotonic() % 0.3, f"{time.monotonic()}")
            time.sleep(0.02)
    return {"rows": arguments.rows}


def _refuse(_run: Run, _arguments: BaseModel) -> dict[str, Any]:
    raise Unprocessable(gettext("This changes nothing."))


def _break(_run: Run, _arguments: BaseModel) -> dict[str, Any]:
    raise ZeroDivisionError


def _read(run: Run, _arguments: BaseModel) -> dict[str, Any]:
    path = run.file()
    return {"name": path.name, "size": len(path.read_bytes())}


def _page(_arguments: BaseModel, job_id: uuid.UUID) -> str:
    return f"/jobs/{job_id}"


KINDS = (
    Kind("count", "Counting", ("planner",), Counting, _count, _page),
    Kind("refuse", "Refusing", ("planner",), Nothing, _refuse, _page),
    Kind("break", "Breaking", ("planner",), Nothing, _break, _page),
    Kind("read", "Reading", ("planner",), Nothing, _read, _page),
)
