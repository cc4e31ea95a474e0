"""Failures below the domain that are still an answer in words: a full disk, a damaged request, a value too large."""

from __future__ import annotations

import errno
import logging
import sys
from collections.abc import Iterator

import psycopg
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError

from ceap.kit.problem import Conflict, Forbidden, Problem

log = logging.getLogger("ceap.web")
FULL = {errno.ENOSPC, errno.EDQUOT}
SQLITE_FULL = 13


class DiskFull(Problem):
    """There is no room left where the store, an upload or a file is written."""

    status = 503
    title = "The disk is full"

    def __init__(self) -> None:
        super().__init__("The server's disk is full, so nothing was changed. Free some room there, then do it again.")


class Damaged(Problem):
    """The request itself cannot be read."""

    status = 400
    title = "This request is damaged"


class TooMuch(Problem):
    """The request's body is larger than a body may be."""

    status = 413
    title = "This request is too large"


class Unstorable(Problem):
    """A value fits its field's kind and yet is beyond what the store keeps."""

    status = 422
    title = "A value is too large"


def answerable(error: BaseException) -> Problem | None:
    """The refusal that says what `error` means to the caller; None when it is a defect of the product."""
    for cause in _causes(error):
        if isinstance(cause, Problem):
            return cause
        if _full(cause):
            return DiskFull()
        if isinstance(cause, PermissionDenied):
            return Forbidden(str(cause) or "You may not do this.")
        if isinstance(cause, RequestDataTooBig):
            return TooMuch("The body of this request is too large.")
        if isinstance(cause, (MultiPartParserError, TooManyFilesSent, UnreadablePostError, BadRequest)):
            return Damaged(f"The form cannot be read: {cause}")
        if isinstance(cause, RawPostDataException):
            return Damaged("This request is a form where JSON is expected.")
        if isinstance(cause, (OverflowError, DataError)):
            return Unstorable("A value is too large or too long to be kept.")
        if isinstance(cause, IntegrityError):
            return Conflict("Somebody else wrote the same at the same moment. Load it again and repeat your change.")
        if isinstance(cause, UnicodeEncodeError):
            return Unstorable("A text holds a character that cannot be kept (half of a surrogate pair).")
        if isinstance(cause, LookupError) and "unknown encoding" in str(cause):
            return Damaged(f"The request names a character set that nobody knows: {cause}.")
        if isinstance(cause, SuspiciousOperation):
            return Damaged(str(cause) or "This request cannot be read.")
    return None


def _full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, psycopg.errors.DiskFull):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == SQLITE_FULL


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def response_to(problem: Problem) -> HttpResponse:
    """The problem+json answer for `problem`."""
    return JsonResponse(problem.body(), status=problem.status, content_type="application/problem+json")


def failure(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """The answer to a request that ended in `error` (the one being handled): a refusal where it is one, else a 500."""
    error = error or sys.exc_info()[1]
    if error is not None and (problem := answerable(error)):
        if problem.status >= 500:
            log.error("%s %s: %s", request.method, request.path, problem.title, exc_info=error)
        return response_to(problem)
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    problem = Problem("Something went wrong on our side; nothing was changed. Try again, or contact support.")
    problem.status, problem.title = 500, "Internal error"
    return response_to(problem)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400s outside of the API."""
    return response_to(answerable(exception) or Damaged("This request cannot be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 403s outside of the API."""
    return response_to(answerable(exception) or Forbidden("You may not do this."))
