"""Whether the control plane is alive, and whether it can do its work."""

from __future__ import annotations

import shutil
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from ceap.jobs.schedule import LOOPS
from ceap.kit.home import Home
from ceap.kit.process import StartRefused
from ceap.web import store

LEAST_DISK = 64 * 1024 * 1024  # bytes


def healthz(request: HttpRequest) -> JsonResponse:
    """GET /healthz: the process is alive."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """GET /readyz: the store answers and is up to date, the warehouse is open and close behind, there is disk."""
    well, checks = ready()
    return JsonResponse({"status": "ok" if well else "not ready", "checks": checks}, status=200 if well else 503)


def ready() -> tuple[bool, dict[str, Any]]:
    """Whether all is well, and what each check found."""
    checks: dict[str, Any] = {"store": _store(), "warehouse": _warehouse()}
    free = shutil.disk_usage(Home.load().path).free
    checks["disk_free_bytes"] = free
    return checks["store"] == "ok" and checks["warehouse"]["status"] == "ok" and free >= LEAST_DISK, checks


_migrated = False  # once it is, it stays so while this code runs


def _store() -> str:
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            missing = store.pending()
            if missing:
                return f"{len(missing)} migrations are missing; start `ceap app` to apply them"
            _migrated = True
    except StartRefused as refused:
        return refused.detail
    except Error as error:
        return f"cannot be reached: {error}"
    return "ok"


def _warehouse() -> dict[str, Any]:
    loop = LOOPS.get("events: warehouse")
    if loop is None or loop.last_run is None:
        return {"status": "opening"}
    return {"status": loop.last_error or "ok"}
