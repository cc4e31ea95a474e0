"""The API's own OpenAPI document, made once a process: it takes a second."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def document() -> Any:
    """The document, as the API answers it; nobody may change it."""
    from ceap.web.api import api

    return api.get_openapi_schema()
