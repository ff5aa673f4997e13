"""Ruang: zoning lookup and the city on one map. ``create_app`` wires the parts together and does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings
    from app.runtime import Runtime


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application.

    settings: default those of the environment. The database is not touched until a request or command needs it.
    """
    # Imported here, so that a module of this package can be used without loading the whole of it.
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app import compression, errors, frontend_assets, i18n, logs, security
    from app.accounts import identity
    from app.application import Application
    from app.config import get_settings
    from app.database import db, migrate
    from app.maps import kept_tiles
    from app.runtime import Runtime
    from app.zoning import direct

    settings = settings or get_settings()
    app = Application(__name__, static_folder="static")
    runtime = Runtime.build(settings)
    app.extensions["ruang"] = runtime
    app.config.update(
        SECRET_KEY=runtime.secret_key,
        SQLALCHEMY_DATABASE_URI=runtime.database_url,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
    )
    logs.configure(settings.log_format)
    _register_domains(app)
    _register_jobs(runtime)
    # Innermost first: each of these stands before what was there.
    direct.init_app(app)
    kept_tiles.init_app(app)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    compression.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(runtime.migrations))
    i18n.init_app(app, runtime.city)
    frontend_assets.init_app(app)
    security.init_app(app)
    identity.init_app(app, settings, issuer=f"Ruang {runtime.city.city.name_short}")
    errors.register(app)
    _register_commands(app)
    return app


def _register_domains(app: Flask) -> None:
    """Every blueprint of every domain."""
    from app.accounts.api import accounts_api
    from app.accounts.own_views import own_pages
    from app.accounts.password_views import password_pages
    from app.accounts.people_views import people_pages
    from app.accounts.views import account_pages
    from app.health import health
    from app.jobs.api import jobs_api
    from app.jobs.views import job_pages
    from app.maps.api import tiles
    from app.maps.views import pages
    from app.openapi import openapi
    from app.places.api import places_api
    from app.plans import recorded
    from app.plans.api import plans_api
    from app.plans.difference.api import difference_api
    from app.plans.difference.views import difference_pages
    from app.plans.drafts.api import drafts_api
    from app.plans.drafts.pages import draft_pages
    from app.plans.exchange.layer_views import layer_pages
    from app.plans.exchange.rule_views import rule_pages
    from app.plans.exchange.views import exchange_pages
    from app.plans.review.api import hearings_api
    from app.plans.review.hearing_views import hearing_pages
    from app.plans.review.version_views import version_pages
    from app.plans.review.views import review_pages
    from app.zoning.api import zoning_api
    from app.zoning.views import zoning_pages

    recorded.init()
    for blueprint in (
        health,
        accounts_api,
        jobs_api,
        places_api,
        plans_api,
        difference_api,
        difference_pages,
        drafts_api,
        hearings_api,
        hearing_pages,
        version_pages,
        review_pages,
        draft_pages,
        zoning_api,
        tiles,
        openapi,
        pages,
        zoning_pages,
        account_pages,
        password_pages,
        own_pages,
        people_pages,
        job_pages,
        exchange_pages,
        rule_pages,
        layer_pages,
    ):
        app.register_blueprint(blueprint)


def _register_jobs(runtime: Runtime) -> None:
    """What the domains have done in the background."""
    from app.jobs.kinds import register
    from app.plans.exchange.jobs import COMPARISON, TAKING
    from app.plans.exchange.layer_jobs import CHECK
    from app.plans.exchange.layer_jobs import TAKING as LAYER_TAKING
    from app.plans.exchange.rule_jobs import COMPARISON as RULES_COMPARISON
    from app.plans.exchange.rule_jobs import TAKING as RULES_TAKING

    runtime.job_kinds = register({}, COMPARISON, TAKING, RULES_COMPARISON, RULES_TAKING, CHECK, LAYER_TAKING)


def _register_commands(app: Flask) -> None:
    """Commands of the domains; those that work without the application stand in app/cli.py."""
    from app.accounts.cli import accounts_commands
    from app.jobs.cli import worker_command
    from app.places.cli import places_commands
    from app.plans.cli import plans_commands
    from app.sample import sample_commands

    for command in (accounts_commands, places_commands, plans_commands, sample_commands, worker_command):
        app.cli.add_command(command)
