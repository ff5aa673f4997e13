"""Are the catalogues complete? ``python -m app.operations.translations [--update]``.

Every text of code and templates (as ``babel.cfg`` names them) must be in every catalogue, translated and not
fuzzy, with the same placeholders. ``--update`` takes new texts in, empty, and drops the ones that are gone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from app.config import REPOSITORY

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "_l": None,
}
_NOT_OURS = {".git", ".venv", "node_modules", "static", "var", "data"}
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?[sdfrxgeEi]")


def catalogue_files() -> list[Path]:
    """The catalogues of the project, sorted."""
    return sorted((REPOSITORY / "app" / "translations").glob("*/LC_MESSAGES/*.po"))


def texts_in_use() -> Catalog:
    """Every text that code and templates ask for."""
    with (REPOSITORY / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog()
    texts = extract_from_dir(
        REPOSITORY,
        methods,
        options,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        directory_filter=lambda folder: Path(folder).name not in _NOT_OURS,
    )
    for path, line, message, comments, context in texts:
        found.add(message, locations=[(path, line)], auto_comments=comments, context=context)
    return found


def problems(wanted: Catalog, catalogue: Catalog) -> Iterator[str]:
    """What is wrong with one catalogue, a line each."""
    for message in wanted:
        if not message.id:
            continue
        there = catalogue.get(message.id, message.context)
        if there is None:
            yield f"not in the catalogue: {_shown(message)} ({message.locations[0][0]})"
        elif there.fuzzy:
            yield f"fuzzy: {_shown(message)}"
        elif not all(_forms(there.string)):
            yield f"not translated: {_shown(message)}"
        elif not _same_placeholders(there):
            yield f"other placeholders than the original: {_shown(message)}"
    for message in catalogue:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"no longer used: {_shown(message)}"


def update() -> None:
    """Bring the texts in use into every catalogue; what is translated stays."""
    wanted = texts_in_use()
    for path in catalogue_files():
        catalogue = _read(path)
        catalogue.update(wanted, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=110, no_location=True)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if text is None:
        return [""]
    return [text] if isinstance(text, str) else list(text)


def _same_placeholders(message: Message) -> bool:
    originals = [_placeholders(form) for form in _forms(message.id)]
    # A plural form may leave the number out ("one thing"), but may not ask for what is not given.
    known = set().union(*originals)
    exact = len(originals) == 1
    return all(
        _placeholders(form) == known if exact else _placeholders(form) <= known for form in _forms(message.string)
    )


def _placeholders(text: str) -> set[str]:
    return {found[0] for found in _PLACEHOLDER.finditer(text)}


def _shown(message: Message) -> str:
    return repr(_forms(message.id)[0])


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    if arguments == ["--update"]:
        update()
        return 0
    wanted, status = texts_in_use(), 0
    for path in catalogue_files():
        for problem in problems(wanted, _read(path)):
            sys.stderr.write(f"{path.relative_to(REPOSITORY)}: {problem}\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
