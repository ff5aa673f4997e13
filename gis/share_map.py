"""Map documents that need no map server and no WebGL: zones on a canvas, written by folium.

A document is one HTML text. Its scripts are inline, so it carries a nonce for the page that sends it; Leaflet is linked
from local addresses or, for a file that is passed on, written into the document.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import folium
import numpy as np
import shapely
from folium.template import Template

_FILL_OPACITY = 0.7
_NO_ZOOM = re.compile(r"width=device-width,\s*initial-scale=1\.0,\s*maximum-scale=1\.0,\s*user-scalable=no")
# About 5 m: what a canvas at street level still shows. Simplified as a coverage, so that no gap opens between zones.
_SIMPLIFY_DEG = 4e-5


@dataclass(frozen=True)
class ShareZone:
    """A zone to draw. geometry: polygon or multipolygon, lon/lat, EPSG:4326; colour: "#rrggbb"."""

    geometry: shapely.Geometry
    code: str
    name: str
    colour: str


@dataclass(frozen=True)
class Leaflet:
    """Leaflet for a document: two addresses, or (inline) the two files' text."""

    script: str
    style: str
    inline: bool = False


@dataclass(frozen=True)
class ShareTexts:
    """What the document says, in its reader's language. ask_url receives lon and lat as its query."""

    language: str
    title: str
    note: str
    ask: str
    ask_url: str
    back: str
    back_url: str


class _AskHere(folium.MacroElement):
    """A tap opens a popup with the zone's name and a link to the answer for that point."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {{ this.layer }}.eachLayer(function (zone) {
          zone.on("click", function (event) {
            var box = document.createElement("div");
            var name = document.createElement("p");
            name.textContent = zone.feature.properties.code + " " + zone.feature.properties.name;
            var link = document.createElement("a");
            link.textContent = {{ this.ask }};
            link.href = {{ this.url }} + "?lon=" + event.latlng.lng.toFixed(7) + "&lat=" + event.latlng.lat.toFixed(7);
            box.append(name, link);
            L.popup().setLatLng(event.latlng).setContent(box).openOn({{ this._parent.get_name() }});
          });
        });
        {% endmacro %}
        """
    )

    def __init__(self, layer: str, texts: ShareTexts) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca ships no types
        self._name = "AskHere"
        self.layer = layer
        self.ask = _script_text(texts.ask)
        self.url = _script_text(texts.ask_url)


def _script_text(text: str) -> str:
    """A JavaScript string that cannot end the script element it stands in."""
    return json.dumps(text).replace("<", "\\u003c")


def render(zones: Sequence[ShareZone], *, texts: ShareTexts, leaflet: Leaflet, nonce: str) -> str:
    """A whole HTML document that draws the zones.

    zones: of one version; simplified to about 5 m for drawing, nothing is measured with them. nonce: for the
    Content-Security-Policy of the response; every script and style element carries it.
    Raises ValueError when there is no zone to draw.
    """
    if not zones:
        raise ValueError("there is no zone to draw")
    west, south, east, north = shapely.total_bounds(np.array([zone.geometry for zone in zones], dtype=object))
    document = folium.Map(tiles=None, prefer_canvas=True, control_scale=True, attribution_control=False)
    document.default_js = [] if leaflet.inline else [("leaflet", leaflet.script)]
    document.default_css = [] if leaflet.inline else [("leaflet_css", leaflet.style)]
    layer = folium.GeoJson(_collection(zones), style_function=_style, embed=True, zoom_on_click=False)
    layer.add_to(document)
    document.add_child(_AskHere(layer.get_name(), texts))
    document.fit_bounds([[south, west], [north, east]])
    return _finish(document.get_root().render(), texts, leaflet, nonce)


def _collection(zones: Sequence[ShareZone]) -> dict[str, object]:
    simple = shapely.coverage_simplify(np.array([zone.geometry for zone in zones], dtype=object), _SIMPLIFY_DEG)
    simple = shapely.set_precision(simple, 1e-6, mode="pointwise")
    features = [
        {
            "type": "Feature",
            "id": str(number),
            "properties": {"code": zone.code, "name": zone.name, "colour": zone.colour},
            "geometry": json.loads(shapely.to_geojson(geometry)),
        }
        for number, (zone, geometry) in enumerate(zip(zones, simple, strict=True))
        if not geometry.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}


def _style(feature: dict[str, dict[str, str]]) -> dict[str, object]:
    colour = feature["properties"]["colour"]
    return {"color": "#12262b", "weight": 0.3, "fillColor": colour, "fillOpacity": _FILL_OPACITY}


def _finish(document: str, texts: ShareTexts, leaflet: Leaflet, nonce: str) -> str:
    """Language, title, the line above the map, and the nonce on every inline element."""
    # An empty icon, or the browser asks the server for one that a passed-on file does not have.
    head = f'<title>{html.escape(texts.title)}</title><link rel="icon" href="data:,">'
    if leaflet.inline:
        script = leaflet.script.replace("</script", "<\\/script")
        head += f"<style>{leaflet.style}</style><script>{script}</script>"
    head += (
        "<style>body{display:flex;flex-direction:column;font-family:system-ui,sans-serif}"
        "header{padding:8px 12px;background:#06363f;color:#fff;line-height:1.4}header h1{margin:0;font-size:18px}"
        "header p{margin:0}header a{color:#fff;display:inline-block;padding:12px 0}"
        "main{position:relative;flex:1}.leaflet-touch .leaflet-bar a,.leaflet-bar a{width:44px;height:44px;line-height:44px}"
        ".leaflet-popup-content a{display:inline-block;padding:12px 0;font-size:16px}</style>"
    )
    banner = (
        f"<header><h1>{html.escape(texts.title)}</h1><p>{html.escape(texts.note)}</p>"
        f'<a href="{html.escape(texts.back_url, quote=True)}">{html.escape(texts.back)}</a></header><main>'
    )
    # folium forbids zooming the page; people who see badly need it.
    document = _NO_ZOOM.sub("width=device-width, initial-scale=1", document, count=1)
    document = document.replace("<html>", f'<html lang="{html.escape(texts.language, quote=True)}">', 1)
    document = document.replace("</head>", f"{head}</head>", 1)
    document = document.replace("<body>", f"<body>{banner}", 1).replace("</body>", "</main></body>", 1)
    for element in ("script", "style"):
        document = document.replace(f"<{element}>", f'<{element} nonce="{html.escape(nonce, quote=True)}">')
    return document
