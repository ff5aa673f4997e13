"""The light map's document: complete, escaped, and every inline element under the nonce."""

from __future__ import annotations

import re

import pytest
import shapely

from gis.share_map import Leaflet, ShareTexts, ShareZone, render

TEXTS = ShareTexts("id", "Peta <ringan>", "Contoh & catatan", "Tanya </script>", "/zoning", "Cari", '/zoning?"')
ZONES = [
    ShareZone(shapely.box(117.0, 0.0, 117.1, 0.1), "R-2", "Perumahan </script><b>", "#ffdc00"),
    ShareZone(shapely.box(117.1, 0.0, 117.2, 0.1), "K-1", "Perdagangan", "#ff6464"),
]
LINKED = Leaflet("/static/dist/leaflet.js", "/static/dist/leaflet.css")


def test_every_inline_element_carries_the_nonce() -> None:
    document = render(ZONES, texts=TEXTS, leaflet=LINKED, nonce="abc123")
    inline = re.findall(r"<(?:script|style)(?![^>]*src=)[^>]*>", document)
    assert inline
    assert all('nonce="abc123"' in element for element in inline)
    assert not re.search(r'style="', document)


def test_only_the_given_addresses_are_loaded() -> None:
    document = render(ZONES, texts=TEXTS, leaflet=LINKED, nonce="n")
    loaded = [
        address
        for address in re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', document)
        if address != "data:,"
    ]
    assert sorted(loaded) == ["/static/dist/leaflet.css", "/static/dist/leaflet.js"]
    assert "http" not in "".join(loaded)


def test_names_from_the_plan_cannot_end_a_script() -> None:
    document = render(ZONES, texts=TEXTS, leaflet=LINKED, nonce="n")
    assert document.count("</script>") == document.count("<script")
    assert "<b>" not in document
    assert "<title>Peta &lt;ringan&gt;</title>" in document


def test_language_and_zoom_are_those_of_an_accessible_page() -> None:
    document = render(ZONES, texts=TEXTS, leaflet=LINKED, nonce="n")
    assert '<html lang="id">' in document
    assert "user-scalable" not in document


def test_inline_document_needs_no_other_file() -> None:
    document = render(ZONES, texts=TEXTS, leaflet=Leaflet("var L = {};", ".leaflet{}", inline=True), nonce="n")
    assert "var L = {};" in document
    assert re.findall(r'<(?:script|link)[^>]*(?:src|href)="([^"]*)"', document) == ["data:,"]


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="no zone"):
        render([], texts=TEXTS, leaflet=LINKED, nonce="n")
