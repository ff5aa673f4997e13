"""Mapping files: how to read a zone layer whose columns or codes are not the official ones.

TOML, for instance::

    unmapped = "report"          # or "verbatim": the layer's own text is the code
    [columns]
    subzone = "Hirarki_3"        # also block, sub_block, kelurahan, legal_area_ha, remark, and overlay
    columns [codes]
    "Kawasan Pelestarian Alam" = "KS"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

from gis.errors import VocabularyError
from gis.rdtr.codes import name_key
from gis.rdtr.columns import Overlay

# What a mapping may name, and the official column that it stands for.
FIELDS: Final[Mapping[str, str]] = {
    "subzone": "KODSZN",
    "block": "KODBLK",
    "sub_block": "KODSBL",
    "kelurahan": "WADMKD",
    "legal_area_ha": "LUASHA",
    "remark": "REMARK",
    **{kind.value: kind.value for kind in Overlay},
}


Unmapped = Literal["report", "verbatim"]


@dataclass(frozen=True)
class LayerMapping:
    """columns: field to the layer's column. codes: the layer's text to the code. unmapped: what becomes of
    other text.

    With ``unmapped = "verbatim"`` the layer's own text is the code, letter by letter; the code list must then
    hold it or be built from it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    unmapped: Unmapped = "report"

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a TOML file. Raises VocabularyError (mapping_invalid) that says what is wrong."""
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise VocabularyError("mapping_invalid", reason=str(error)) from None

    @classmethod
    def parse(cls, text: str) -> Self:
        """From TOML text. Raises VocabularyError (mapping_invalid)."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise VocabularyError("mapping_invalid", reason=str(error)) from None
        unknown = sorted(set(document) - {"columns", "codes", "unmapped"})
        if unknown:
            raise VocabularyError("mapping_invalid", reason=f"it has no section {', '.join(unknown)}")
        columns, codes = _texts(document, "columns"), _texts(document, "codes")
        for name in columns:
            if name not in FIELDS:
                raise VocabularyError(
                    "mapping_invalid", reason=f"{name} is none of {', '.join(FIELDS)} under [columns]"
                )
        unmapped = document.get("unmapped", "report")
        if unmapped not in ("report", "verbatim"):
            raise VocabularyError("mapping_invalid", reason='unmapped is "report" or "verbatim"')
        return cls(columns, {name_key(text): code for text, code in codes.items()}, cast(Unmapped, unmapped))

    def column(self, name: str) -> str:
        """The layer's column for a field."""
        return self.columns.get(name, FIELDS[name])

    def code(self, text: str) -> str | None:
        """The code for the layer's text; None when it is not mapped."""
        return self.codes.get(name_key(text))


OFFICIAL: Final = LayerMapping()


def _texts(document: Mapping[str, Any], section: str) -> dict[str, str]:
    table = document.get(section, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise VocabularyError("mapping_invalid", reason=f"[{section}] is a list of names with texts")
    return table
