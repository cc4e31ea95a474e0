"""Answers of an installation that is reached by https tell browsers never to come by http."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from ceap.kit.home import STRICT_TRANSPORT


def strict(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that adds Strict-Transport-Security. It asks `app_url`, not the request: behind a proxy that ends TLS
    requests look like http, and browsers ignore the header where it came by http.
    """
    if not settings.HTTPS:
        raise MiddlewareNotUsed

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Strict-Transport-Security"] = STRICT_TRANSPORT
        return response

    return answer
