"""The built page: hashed assets for ever, index.html for every other path."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.csrf import ensure_csrf_cookie

DIST = Path(__file__).resolve().parents[2] / "ui" / "dist"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self' {socket}; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; manifest-src 'self'"
)


@dataclass(frozen=True)
class File:
    """One file of the build, as it is sent."""

    plain: bytes
    packed: dict[str, bytes]
    kind: str
    tag: str


@lru_cache(maxsize=512)
def _load(path: Path, _changed: int) -> File:
    plain = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = {"gzip": gzip.compress(plain, 9, mtime=0)}
    brotli = path.with_name(f"{path.name}.br")
    if brotli.is_file() and brotli.stat().st_mtime_ns >= path.stat().st_mtime_ns:  # the build's; else of an older file
        packed = {"br": brotli.read_bytes(), **packed}
    return File(plain, packed, kind, f'"{sha256(plain).hexdigest()[:20]}"')


def _accepted(request: HttpRequest) -> set[str]:
    """The encodings that the visitor takes."""
    words = request.headers.get("Accept-Encoding", "").split(",")
    return {name.strip() for name, _, weight in (word.partition(";") for word in words) if weight.strip() != "q=0"}


def _find(name: str) -> Path | None:
    """The file `name` of the build, or None; nothing outside the build is ever found."""
    path = (DIST / name).resolve()
    return path if name and path.is_relative_to(DIST.resolve()) and path.is_file() else None


def page(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the build, or the page itself."""
    asset = _find(name)
    if not name.startswith("assets/"):
        return _opened(request, asset or DIST / "index.html")
    if asset is None:
        raise Http404
    response = _answer(request, asset)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@ensure_csrf_cookie
def _opened(request: HttpRequest, path: Path) -> HttpResponse:
    """What a visitor may open by its address: here the policy, and the cookie that writes need, are given once."""
    if not path.exists():
        return HttpResponse("The page is not built: run `make setup`.", status=503, content_type="text/plain")
    response = _answer(request, path)
    socket = f"{'wss' if settings.HTTPS else 'ws'}://{request.get_host()}"
    response["Content-Security-Policy"], response["Cache-Control"] = CSP.format(socket=socket), "no-cache"
    return response


def _answer(request: HttpRequest, path: Path) -> HttpResponse:
    """A file as small as the visitor takes it, or that theirs is still the same."""
    file = _load(path, path.stat().st_mtime_ns)
    if request.headers.get("If-None-Match") == file.tag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        taken = _accepted(request)
        way = next((name for name in file.packed if name in taken), "")
        response = HttpResponse(file.packed.get(way, file.plain), content_type=file.kind)
        if way:
            response["Content-Encoding"] = way
    response["ETag"], response["Vary"] = file.tag, "Accept-Encoding"
    return response
