"""The control plane's API: one router a package, problem+json for every refusal."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ceap.accounts.authentication import ServiceKey, Session
from ceap.kit.problem import FieldError, Invalid, Problem, Unauthenticated
from ceap.web.disclosure import router as disclosure

log = logging.getLogger("ceap.web")

api = NinjaAPI(
    title="CEAP",
    version="1",
    auth=[Session(), ServiceKey()],
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)


def problem_response(problem: Problem) -> HttpResponse:
    """The problem+json answer for `problem`."""
    return JsonResponse(problem.body(), status=problem.status, content_type="application/problem+json")


@api.exception_handler(Problem)
def refused(request: HttpRequest, problem: Any) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    return problem_response(Unauthenticated("Sign in, or send a service key."))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        FieldError(".".join(str(part) for part in e["loc"] if part not in ("body", "payload", "query")), e["msg"])
        for e in error.errors
    ]
    return problem_response(Invalid("; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: Any) -> HttpResponse:
    problem = Problem(str(error))
    problem.status = error.status_code
    return problem_response(problem)


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    problem = Problem("Something went wrong on our side; nothing was changed. Try again, or contact support.")
    problem.status, problem.title = 500, "Internal error"
    return problem_response(problem)


for name in settings.PACKAGES:
    router = import_module(f"ceap.{name}.api").router
    api.add_router("" if name == "accounts" else f"/{name}", router)

api.add_router("", disclosure)
