"""Languages: Indonesian first, English second; ``?lang=`` and a cookie for pages, Accept-Language for the API."""

from __future__ import annotations

import functools

from babel import Locale
from flask import Flask, Response, after_this_request, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.city import CityProfile

COOKIE = "lang"
_LONGEST_HEADER = 200
babel = Babel()


def init_app(app: Flask, city: CityProfile) -> None:
    """Choose the language of every request among those of the city profile."""
    languages = tuple(city.city.languages)
    # Parsed once: Babel would look for the locale's file on every request.
    locales = {language: Locale.parse(language) for language in languages}

    def select() -> Locale:
        if not has_request_context():
            return locales[languages[0]]
        # Looked for in the raw text first, and the header in the raw environment: this runs on nearly every request.
        if b"lang=" in request.query_string and request.args.get("lang") in locales:
            if not request.path.startswith("/api/"):
                after_this_request(_keep_choice)
            return locales[request.args["lang"]]
        if request.path.startswith("/api/"):
            return locales[accepted_language(request.environ.get("HTTP_ACCEPT_LANGUAGE", ""), languages)]
        return locales.get(request.cookies.get(COOKIE, ""), locales[languages[0]])

    app.config["BABEL_DEFAULT_LOCALE"] = languages[0]
    app.config["BABEL_DEFAULT_TIMEZONE"] = city.city.time_zone
    babel.init_app(app, locale_selector=select)

    app.jinja_env.globals.update(
        get_locale=get_locale, format_date=format_date, format_datetime=format_datetime, languages=languages
    )


def _keep_choice(response: Response) -> Response:
    """Remember ``?lang=`` for a year; it is a preference and names nobody."""
    response.set_cookie(COOKIE, request.args["lang"], max_age=31_536_000, samesite="Lax", httponly=True)
    return response


def accepted_language(header: str, languages: tuple[str, ...]) -> str:
    """The language for an Accept-Language header: the caller's first choice among those there are, else the first."""
    return _best_match(header[:_LONGEST_HEADER], languages)


@functools.lru_cache(maxsize=256)
def _best_match(header: str, languages: tuple[str, ...]) -> str:
    # Kept: a handful of headers make up nearly all requests.
    return parse_accept_header(header, LanguageAccept).best_match(languages, default=languages[0])


def language() -> str:
    """The language of this request: 'id' or 'en'."""
    locale: Locale | None = get_locale()
    return locale.language if locale else "id"
