"""Archives of vector files: looked at before anything is unpacked, then unpacked into their own folder."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from gis.errors import FileError, LimitExceeded

# Companions that belong to a layer; whatever else an archive holds is left packed.
_PARTS: Final = {".shp", ".dbf", ".shx", ".prj", ".cpg", ".gpkg", ".geojson", ".json", ".kml"}
MAIN_SUFFIXES: Final = (".shp", ".gpkg", ".geojson", ".json", ".kml", ".gdb")
COLUMNS_FILE: Final = "columns.csv"
# Below this size an archive is harmless whatever its ratio: blank table columns pack a hundredfold.
_RATIO_FROM_BYTES: Final = 20_000_000
_MAX_MEMBERS: Final = 5_000


@dataclass(frozen=True)
class Limits:
    """What is read at most.

    Bytes of a file, bytes and ratio of an unpacked archive, features, vertices in all.
    """

    file_bytes: int = 500_000_000
    unpacked_bytes: int = 2_000_000_000
    unpacked_ratio: int = 200
    features: int = 200_000
    vertices: int = 20_000_000


def unpack(path: Path, folder: Path, limits: Limits) -> list[Path]:
    """Unpack the parts of vector layers into ``folder``; returns the main files (or .gdb folders) found,
    sorted.

    Raises LimitExceeded (zip_bomb) from the directory alone, before a byte is unpacked; FileError when the
    archive is damaged, protected, leads outside its folder, or holds no layer.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check(path, members, limits)
            for info in members:
                if _wanted(PurePosixPath(info.filename)):
                    archive.extract(info, folder)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error) as error:
        raise FileError("zip_damaged", name=path.name, reason=str(error).lower() or "it breaks off") from None
    found = [item for item in folder.rglob("*") if item.suffix.lower() in MAIN_SUFFIXES]
    outer = [item for item in found if not any(parent.suffix.lower() == ".gdb" for parent in item.parents)]
    # A .json beside other layers is a description of them more often than a layer.
    layers = [item for item in outer if item.suffix.lower() != ".json"] or outer
    if not layers:
        raise FileError("zip_no_layer", name=path.name)
    return sorted(layers)


def _check(path: Path, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    size = sum(info.file_size for info in members)
    ratio_passed = size > _RATIO_FROM_BYTES and size > limits.unpacked_ratio * path.stat().st_size
    if size > limits.unpacked_bytes or ratio_passed or len(members) > _MAX_MEMBERS:
        raise LimitExceeded(
            "zip_bomb",
            name=path.name,
            size=size,
            limit=limits.unpacked_bytes,
            ratio=limits.unpacked_ratio,
        )
    for info in members:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in info.filename:
            raise FileError("zip_unsafe_name", name=path.name, member=info.filename)
        if info.flag_bits & 1:
            raise FileError("zip_encrypted", name=path.name)


def _wanted(member: PurePosixPath) -> bool:
    if "__MACOSX" in member.parts or member.name.startswith("."):
        return False
    in_database = any(part.lower().endswith(".gdb") for part in member.parts[:-1])
    return in_database or member.suffix.lower() in _PARTS or member.name == COLUMNS_FILE


def choose(path: Path, found: list[Path], layer: str | None) -> Path:
    """The one main file of an archive: the only one, or the one whose name ``layer`` gives."""
    if len(found) == 1:
        return found[0]
    named = [item for item in found if layer in (item.stem, item.name)]
    if len(named) == 1:
        return named[0]
    raise FileError("zip_several_layers", name=path.name, layers=", ".join(item.name for item in found))
