"""The control plane's API: one router a package, problem+json for every refusal."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ceap.accounts.authentication import ServiceKey, Session
from ceap.kit.problem import FieldError, Invalid, Problem, Unauthenticated
from ceap.web.disclosure import router as disclosure
from ceap.web.reading import StrictReader
from ceap.web.refusals import answerable, failure, response_to

api = NinjaAPI(
    title="CEAP",
    version="1",
    auth=[Session(), ServiceKey()],
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=StrictReader(),
)


@api.exception_handler(Problem)
def refused(request: HttpRequest, problem: Any) -> HttpResponse:
    return response_to(problem)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    return response_to(Unauthenticated("Sign in, or send a service key."))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        FieldError(".".join(str(part) for part in e["loc"] if part not in ("body", "payload", "query")), e["msg"])
        for e in error.errors
    ]
    return response_to(Invalid("; ".join(f"{e.field}: {e.message}" for e in errors), errors=errors))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: Any) -> HttpResponse:
    if cause := answerable(error):  # what the reader of bodies said, which the framework wraps
        return response_to(cause)
    problem = Problem(str(error))
    problem.status = error.status_code
    return response_to(problem)


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Any) -> HttpResponse:
    return failure(request, error)


for name in settings.PACKAGES:
    router = import_module(f"ceap.{name}.api").router
    api.add_router("" if name == "accounts" else f"/{name}", router)

api.add_router("", disclosure)
