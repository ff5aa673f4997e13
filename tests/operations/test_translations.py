"""The catalogue check finds what a person would miss."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from app.operations.translations import problems


def wanted() -> Catalog:
    catalogue = Catalog()
    catalogue.add("Hello %(name)s", locations=[("a.py", 1)])
    catalogue.add(("%(num)d zone", "%(num)d zones"), locations=[("a.py", 2)])
    return catalogue


def complete() -> Catalog:
    catalogue = Catalog(locale="id")
    catalogue.add("Hello %(name)s", "Halo %(name)s")
    catalogue.add(("%(num)d zone", "%(num)d zones"), ("%(num)d zona",))
    return catalogue


def test_a_complete_catalogue_has_no_problem() -> None:
    assert list(problems(wanted(), complete())) == []


@pytest.mark.parametrize(
    ("translation", "flags", "said"),
    [
        ("", (), "not translated"),
        ("Halo %(name)s", ("fuzzy",), "fuzzy"),
        ("Halo %(nama)s", (), "other placeholders"),
        ("Halo", (), "other placeholders"),
    ],
)
def test_each_fault_is_named(translation: str, flags: tuple[str, ...], said: str) -> None:
    catalogue = complete()
    catalogue.delete("Hello %(name)s")
    catalogue.add("Hello %(name)s", translation, flags=flags)
    (problem,) = problems(wanted(), catalogue)
    assert problem.startswith(said)
    assert "Hello" in problem


def test_missing_and_unused_texts_are_named() -> None:
    catalogue = complete()
    catalogue.delete("Hello %(name)s")
    catalogue.add("Goodbye", "Selamat tinggal")
    assert sorted(problem.split(":")[0] for problem in problems(wanted(), catalogue)) == [
        "no longer used",
        "not in the catalogue",
    ]
