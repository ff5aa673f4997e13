"""Languages: Indonesian first, English second; ``?lang=`` and a cookie for pages, Accept-Language for the API."""

from __future__ import annotations

from babel import Locale
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, format_date, get_locale

from app.city import CityProfile

COOKIE = "lang"
babel = Babel()


def init_app(app: Flask, city: CityProfile) -> None:
    """Choose the language of every request among those of the city profile."""
    languages = city.city.languages

    def select() -> str:
        if not has_request_context():
            return languages[0]
        asked = request.args.get("lang")
        if asked in languages:
            return asked
        if request.path.startswith("/api/"):
            return request.accept_languages.best_match(languages, default=languages[0])
        kept = request.cookies.get(COOKIE)
        return kept if kept in languages else languages[0]

    app.config["BABEL_DEFAULT_LOCALE"] = languages[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = city.city.time_zone
    babel.init_app(app, locale_selector=select)

    @app.after_request
    def keep_choice(response: Response) -> Response:
        """Remember ``?lang=`` for a year; it is a preference and names nobody."""
        asked = request.args.get("lang")
        if asked in languages and not request.path.startswith("/api/"):
            response.set_cookie(COOKIE, asked, max_age=31_536_000, samesite="Lax", httponly=True)
        return response

    app.jinja_env.globals.update(get_locale=get_locale, format_date=format_date, languages=languages)


def language() -> str:
    """The language of this request: 'id' or 'en'. Kept for the request, as it is asked for often."""
    if not has_request_context():
        locale: Locale | None = get_locale()
        return locale.language if locale else "id"
    if "language" not in g:
        chosen = get_locale()
        g.language = chosen.language if chosen else "id"
    value: str = g.language
    return value
