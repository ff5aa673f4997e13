"""What one process holds beside Flask's own configuration: settings, the city profile, and the caches."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app

from app.city import CityProfile, load_city
from app.config import REPOSITORY, Settings


@dataclass
class Runtime:
    """One per application. caches: each domain keeps what it holds in memory under its own name.

    job_kinds: what can be done in the background, by name (app/jobs/kinds.py).
    """

    settings: Settings
    city: CityProfile
    database_url: str
    secret_key: str
    migrations: Path = REPOSITORY / "migrations"
    caches: dict[str, Any] = field(default_factory=dict)
    job_kinds: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def build(cls, settings: Settings) -> Runtime:
        """Resolve what the settings leave open: the private cluster's address and the secret key."""
        from app.operations.bootstrap import database_urls

        return cls(
            settings=settings,
            city=load_city(settings.city),
            database_url=database_urls(settings)[1],
            secret_key=_secret_key(settings),
        )


def runtime() -> Runtime:
    """The runtime of the current application."""
    return runtime_of(current_app)


def runtime_of(app: Flask) -> Runtime:
    """The runtime of an application."""
    value: Runtime = app.extensions["ruang"]
    return value


def _secret_key(settings: Settings) -> str:
    """The stated key, or one that is made once and kept readable for this user only."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.var / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()
