"""The built page as the control plane serves it."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from pathlib import Path

import httpx
import pytest
from django.test import Client

from ceap.web import page
from tests.programs import script


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<html>CEAP</html>")
    (tmp_path / "assets" / "app-1a2b.js").write_text("let a = 1\n" * 100)
    (tmp_path.parent / "secret.key").write_text("secret")
    monkeypatch.setattr(page, "DIST", tmp_path)
    return Client(headers={"host": "127.0.0.1"})


def test_an_asset_is_packed_kept_for_ever_and_recognised(client: Client) -> None:
    answer = client.get("/assets/app-1a2b.js", headers={"accept-encoding": "gzip, br"})
    assert gzip.decompress(answer.content) == b"let a = 1\n" * 100
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/assets/app-1a2b.js", headers={"if-none-match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize(("taken", "sent"), [("gzip, br", b"packed"), ("gzip, br;q=0", None), ("", None)])
def test_what_the_build_packed_goes_to_who_takes_it(client: Client, taken: str, sent: bytes | None) -> None:
    (page.DIST / "assets" / "app-1a2b.js.br").write_bytes(b"packed")
    answer = client.get("/assets/app-1a2b.js", headers={"accept-encoding": taken})
    assert (answer.content == b"packed") is (sent is not None)
    assert answer.get("Content-Encoding") == ("br" if sent else "gzip" if "gzip" in taken else None)


def test_what_an_older_build_packed_is_not_served(client: Client) -> None:
    import os

    brotli = page.DIST / "assets" / "app-1a2b.js.br"
    brotli.write_bytes(b"of another file")
    os.utime(brotli, (1, 1))
    assert b"another" not in client.get("/assets/app-1a2b.js", headers={"accept-encoding": "br"}).content


def test_every_other_path_is_the_page_under_a_strict_policy(client: Client) -> None:
    answer = client.get("/campaigns/123")
    assert answer.content == b"<html>CEAP</html>"
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/gone.js", "/assets/../../secret.key"])
def test_an_asset_that_is_not_in_the_build_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nothing_outside_the_build_is_served(client: Client) -> None:
    assert b"secret" not in client.get("/..%2fsecret.key").content


TRANSPORT = """
import json, sys
from pathlib import Path
from django.test import Client
from ceap.web import page
from tests.programs import script
page.DIST = Path(sys.argv[1])
answer = Client(headers={"host": "ceap.test"}).get("/customers")
policy = answer["Content-Security-Policy"].split("; ")
print(json.dumps([answer.get("Strict-Transport-Security"), sorted(answer.cookies),
                  [rule for rule in policy if rule.startswith("connect-src")]]))
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ceap.test", ["max-age=31536000", ["__Host-csrftoken"], ["connect-src 'self' wss://ceap.test"]]),
        ("http://ceap.test", [None, ["csrftoken"], ["connect-src 'self' ws://ceap.test"]]),
    ],
)
def test_https_is_told_to_browsers_and_the_page_talks_to_its_own_host_only(
    tmp_path: Path, url: str, expected: list[object]
) -> None:
    (tmp_path / "index.html").write_text("<html>CEAP</html>")
    values = {**os.environ, "CEAP_HOME": str(tmp_path), "CEAP_APP_URL": url, "CEAP_STORE_URL": ""}
    done = script(values, TRANSPORT, str(tmp_path))
    assert done.code == 0, done.said
    assert json.loads(done.said) == expected


def test_the_data_plane_tells_https_too() -> None:
    from starlette.applications import Starlette

    from ceap.edge.requests import Requests

    for https, expected in ((True, "max-age=31536000"), (False, None)):
        transport = httpx.ASGITransport(Requests(Starlette(), https=https))

        async def get(transport: httpx.ASGITransport = transport) -> httpx.Response:
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.get("http://edge.test/u/x")

        answer = asyncio.run(get())
        assert (answer.status_code, answer.headers.get("strict-transport-security")) == (404, expected)
