"""The built page: hashed assets for ever, index.html for every other path."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.static import serve

DIST = Path(__file__).resolve().parents[2] / "ui" / "dist"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self' ws: wss:; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; manifest-src 'self'"
)


@ensure_csrf_cookie
def page(request: HttpRequest, name: str) -> HttpResponseBase:
    """A file of the build, or the page itself."""
    asset = name and (DIST / name).is_file()
    if name.startswith("assets/") and not asset:
        raise Http404
    if not (DIST / "index.html").exists():
        return HttpResponse("The page is not built: run `make setup`.", status=503, content_type="text/plain")
    response = serve(request, name if asset else "index.html", document_root=str(DIST))
    response["Content-Security-Policy"] = CSP
    response["Cache-Control"] = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
    return response
