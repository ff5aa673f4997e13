"""What people read when something is wrong: words instead of parameter names, and a way on."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from app.params import WORDS

HERE = "lon=117.487&lat=0.127"


def text_of(page: str) -> str:
    """The words of a page's main part, without its forms."""
    main = re.sub(r"<form.*?</form>", "", page[page.index("<main") :], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/zoning?lon=abc&lat=1", 400, "Garis bujur (longitude) harus berupa angka, bukan “abc”."),
        ("/zoning?lon=117.4&lat=x", 400, "Garis lintang (latitude) harus berupa angka, bukan “x”."),
        (f"/zoning?{HERE}&on=kemarin", 400, "Tanggal ditulis tahun, bulan, lalu hari, misalnya 2026-06-01"),
        (f"/map/light?on=kemarin&{HERE}", 400, "Tanggal ditulis tahun, bulan, lalu hari"),
        (f"/zoning?{HERE}&lot_m2=-4", 422, "Luas tanah (dalam meter persegi) harus antara 0 dan 1.000.000.000."),
        (f"/zoning?{HERE}&accuracy_m=9999", 422, "Ketelitian posisi Anda (dalam meter) harus antara 0 dan 500."),
        (f"/zoning?{HERE}&road_class=tol", 422, "Jalan di depan harus salah satu dari arteri, kolektor"),
        (f"/zoning?{HERE}&plan={'x' * 41}", 400, "Kode rencana paling banyak 40 huruf"),
        (f"/zoning?{HERE}&use={'x' * 101}", 400, "Nama kegiatan paling banyak 100 huruf"),
        ("/zoning?lon=0.127&lat=117.487", 422, "coba bujur 117.487 dan lintang 0.127"),
        ("/zoning?lon=107&lat=-6", 422, "Di luar kota ini Titik pada lintang -6.0, bujur 107.0 di luar semua rencana"),
    ],
)
def test_errors_speak_in_words(sample_client: FlaskClient, address: str, status: int, says: str) -> None:
    response = sample_client.get(f"{address}&lang=id")
    text = text_of(response.get_data(as_text=True))
    assert response.status_code == status
    assert says in text
    names = set(WORDS) - {"plan", "use"}
    assert not [name for name in names if re.search(rf"(?<![(\w]){name}\b", text)], "a parameter's own name"


@pytest.mark.parametrize(
    ("name", "value"), [("on", "kemarin"), ("lot_m2", "x"), ("road_class", "tol"), ("accuracy_m", "-1")]
)
def test_an_error_leads_to_the_answer_without_what_was_wrong(sample_client: FlaskClient, name: str, value: str) -> None:
    page = sample_client.get(f"/zoning?{HERE}&{name}={value}").get_data(as_text=True)
    [address] = re.findall(r'class="govuk-link action-link" href="(/zoning\?[^"]+)"', page)
    assert not re.search(rf"[?;]{name}=", address)
    assert sample_client.get(html.unescape(address)).status_code == 200


def test_no_such_way_out_where_the_point_itself_is_wrong(sample_client: FlaskClient) -> None:
    page = sample_client.get("/zoning?lon=abc&lat=1").get_data(as_text=True)
    assert 'action-link" href="/zoning' not in page


def test_a_link_that_hides_its_place_is_not_called_unknown(sample_client: FlaskClient) -> None:
    text = text_of(sample_client.get("/zoning?q=https://maps.app.goo.gl/abc&lang=id").get_data(as_text=True))
    assert text.startswith("Tautan ini tidak menyebut tempatnya")


def test_an_unknown_parcel_says_why_it_may_be_missing(sample_client: FlaskClient) -> None:
    response = sample_client.get("/parcels/00000000000000?lang=id")
    assert response.status_code == 404
    assert "Sertipikat lama sering belum ada di peta" in text_of(response.get_data(as_text=True))
