"""URLs of the control plane."""

from __future__ import annotations

from django.urls import include, path, re_path

from ceap.web.api import api
from ceap.web.health import healthz, readyz
from ceap.web.page import page

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/", api.urls),
    path("_allauth/", include("allauth.headless.urls")),
    re_path(r"^(?!api/|_allauth/|ws/)(?P<name>.*)$", page),
]

handler400 = "ceap.web.refusals.unreadable"
handler403 = "ceap.web.refusals.forbidden"
handler500 = "ceap.web.refusals.failure"
