"""QGIS, as far as the exchange sees it: the file that went out, changed feature by feature, and sent back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from app.accounts.roles import Actor
from app.plans.exchange import service
from app.plans.exchange.jobs import COMPARISON, TAKING, Comparing, Taking
from gis.vector_files import open_layer, write_geopackage
from tests.app.plans.drafts.conftest import Desk, colleague, desk, draft, other_desk, planner
from tests.factories.plans import square

__all__ = ["colleague", "desk", "draft", "other_desk", "planner"]


class DoneHere:
    """A job that is done within the test (``kinds.Run``)."""

    def __init__(self, actor: Actor, path: Path) -> None:
        self.id = uuid.uuid4()
        self.actor = actor
        self.steps: list[float] = []
        self._path = path

    def step(self, progress: float, _text: str) -> None:
        self.steps.append(progress)

    def file(self, _job_id: uuid.UUID | None = None) -> Path:
        return self._path


class Qgis:
    """The layer as another tool holds it; ``features`` may be changed, added and removed."""

    def __init__(self, actor: Actor, path: Path) -> None:
        self.actor = actor
        self.path = path
        service.export(actor, "rdtr", path)
        with open_layer(path, layer="zones") as layer:
            self.columns = dict(layer.columns)
            self.features = [(item.geometry, dict(item.properties)) for item in layer]

    def at(self, zone: int) -> int:
        """Where a zone stands in the list."""
        return next(at for at, (_, values) in enumerate(self.features) if values["zone_id"] == zone)

    def redraw(self, zone: int, outline: shapely.Geometry, **values: Any) -> None:
        at = self.at(zone)
        self.features[at] = (outline, {**self.features[at][1], **values})

    def recode(self, zone: int, **values: Any) -> None:
        self.redraw(zone, self.features[self.at(zone)][0], **values)

    def add(self, outline: shapely.Geometry, **values: Any) -> None:
        """A feature with what all of one download share, and these values."""
        common = {"base_changeset_id": self.features[0][1]["base_changeset_id"]}
        self.features.append((outline, {**dict.fromkeys(self.columns), **common, **values}))

    def split(self, zone: int, first: shapely.Geometry, second: shapely.Geometry, **values: Any) -> None:
        """As QGIS does it: both pieces keep every attribute."""
        at = self.at(zone)
        self.redraw(zone, first)
        self.features.append((second, {**self.features[at][1], **values}))

    def remove(self, zone: int) -> None:
        del self.features[self.at(zone)]

    def save(self) -> Path:
        write_geopackage(self.path, self.features, columns=self.columns, crs="EPSG:4326", layer="zones")
        return self.path

    def compare(self, **arguments: Any) -> dict[str, Any]:
        """Send it back: what the comparison says."""
        return COMPARISON.work(DoneHere(self.actor, self.save()), Comparing(plan="rdtr", **arguments))

    def take(self, report: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        """Agree to a comparison."""
        taking = Taking(plan="rdtr", comparison=uuid.uuid4(), digest=report["digest"], **arguments)
        return TAKING.work(DoneHere(self.actor, self.path), taking)


@pytest.fixture
def qgis(desk: Desk, planner: Actor, tmp_path: Path) -> Qgis:
    return Qgis(planner, tmp_path / "draft.gpkg")


@pytest.fixture
def download(planner: Actor, tmp_path: Path) -> Callable[[], Qgis]:
    """Downloads the draft as it is now."""
    return lambda: Qgis(planner, tmp_path / f"{uuid.uuid4()}.gpkg")


def box(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Geometry:
    """A rectangle of the grid."""
    return shapely.MultiPolygon([shape({"type": "Polygon", "coordinates": square(column, row, width, height)})])
