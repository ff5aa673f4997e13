"""Every setting of the platform, in one place.

Settings come from the environment (or an .env file in the working directory) and from nowhere else. ``ruang config``
lists them; README.md documents them, and a test fails when one is missing there.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may set. Distances in metres, sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="RUANG_", env_file=".env", extra="ignore", populate_by_name=True)

    database_url: SecretStr | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL with PostGIS 3.3 or later; when unset, the private cluster of this checkout is used",
    )
    owner_database_url: SecretStr | None = Field(
        None,
        description="the same database as the role that owns the tables (migrations); default DATABASE_URL",
    )
    secret_key: SecretStr | None = Field(
        None, description="signs cookies, encrypts second factors; when unset, one is made and kept in var/"
    )
    city: Path = Field(REPOSITORY / "data" / "bontang", description="folder of the city profile (city.toml)")
    var: Path = Field(REPOSITORY / "var", description="folder for everything that is written while running")
    host: str = Field("127.0.0.1", description="address the server listens on")
    port: int = Field(8000, description="port; the next free one is taken when it is busy")
    workers: int = Field(2, ge=1, description="server processes")
    log_format: str = Field("console", pattern="^(console|json)$", description="console or json")
    trusted_proxies: int = Field(0, ge=0, description="reverse proxies in front whose X-Forwarded-* are believed")

    border_tolerance_deg: float = Field(
        1e-7, gt=0, description="a point this near to a zone belongs to it, in degrees (1e-7 is about 1 cm)"
    )
    max_asker_accuracy_m: float = Field(500, description="largest accuracy a caller may state for its position")
    sliver_m2: float = Field(1.0, gt=0, description="pieces of a polygon smaller than this count as touching")
    index_versions: int = Field(4, ge=1, description="plan versions a process keeps in memory at once")
    timeline_seconds: float = Field(5.0, gt=0, description="how often a process re-reads which versions are in force")
    tile_cache_bytes: int = Field(64 * 1024**2, description="memory for vector tiles per process")

    max_body_bytes: int = Field(2 * 1024**2, description="largest request body")
    max_polygon_vertices: int = Field(20_000, description="largest polygon that may be asked about")
    max_polygon_extent_m: float = Field(60_000, description="widest polygon that may be asked about")
    search_results: int = Field(12, ge=1, description="most results of one search")

    max_file_bytes: int = Field(2 * 1024**3, description="largest file that is imported, unpacked")
    max_zip_ratio: int = Field(200, description="most that a zip may expand, as a ratio, before it is refused")
    repair_gap_width_m: float = Field(1.0, ge=0, description="a repair closes gaps narrower than this, in metres")
    max_features: int = Field(500_000, description="most features that one file may hold")

    max_upload_bytes: int = Field(64 * 1024**2, description="largest file that a planner may send in on a page")
    job_days: float = Field(
        30, gt=0, description="jobs that ended, and the files sent in for them, are deleted after so many days"
    )

    rate_reads: str = Field("1200 per minute", description="requests per client address for lookups and search")
    rate_writes: str = Field("120 per minute", description="requests per client address for polygons sent in")

    hearing_comments: int = Field(20, ge=1, description="most comments that one person sends to one public hearing")

    public_url: str | None = Field(
        None, description="address people use, such as https://plan.city.example; links in mails begin with it"
    )
    smtp_url: SecretStr | None = Field(
        None, description="mail server, smtp://user:password@host:587 (STARTTLS) or smtps://...; unset sends no mail"
    )
    mail_from: str | None = Field(None, description="address that mails come from")
    registration: bool = Field(True, description="residents may make an account; only where mail can be sent")
    second_factor_roles: str = Field(
        "", description="roles, separated by commas, that need a second factor beside planner, approver, administrator"
    )
    min_password_length: int = Field(12, ge=8, description="fewest characters of a password")
    sign_in_idle_hours: float = Field(12, gt=0, description="a sign-in ends when it was not used for so many hours")
    sign_in_days: float = Field(
        30, gt=0, description="a sign-in ends after so many days; ended ones are then forgotten"
    )
    reset_link_hours: float = Field(24, gt=0, description="how long a link for choosing a password works")
    rate_sign_in: str = Field(
        "10 per minute;100 per hour", description="tries per client address at signing in or asking for a link"
    )
    rate_account: str = Field("30 per hour", description="tries per account at its password or its second factor")

    @property
    def can_mail(self) -> bool:
        """Whether everything is set that sending a mail needs."""
        return bool(self.smtp_url and self.mail_from and self.public_url)

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the settings whose values are never printed."""
        return frozenset({"database_url", "owner_database_url", "secret_key", "smtp_url"})


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
