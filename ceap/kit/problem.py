"""Refusals that a caller can act on (RFC 9457 problem details), independent of any web framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of the input."""

    field: str
    message: str


class Problem(Exception):
    """A refusal with a status and a plain sentence; nothing was changed when it is raised."""

    status = 400
    title = "The request cannot be carried out"

    def __init__(self, detail: str, *, errors: list[FieldError] | None = None, **extra: Any):
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The problem+json document."""
        return {
            "type": f"urn:ceap:problem:{type(self).__name__}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [{"field": e.field, "message": e.message} for e in self.errors],
            **self.extra,
        }


class Invalid(Problem):
    """The input names a field that is wrong; `errors` says which and how to mend it."""

    status = 422
    title = "Some fields need attention"


class Unauthenticated(Problem):
    status = 401
    title = "Sign in first"


class Forbidden(Problem):
    status = 403
    title = "Your role does not allow this"


class NotFound(Problem):
    status = 404
    title = "There is nothing here"


class Conflict(Problem):
    """The state of things does not allow it now."""

    status = 409
    title = "Not possible in the present state"


class TooMany(Problem):
    """The caller has had as many as are allowed in a time; the sentence says when the next is possible."""

    status = 429
    title = "Too many in too short a time"


def invalid(field: str, message: str) -> Invalid:
    """An `Invalid` about one field."""
    return Invalid(message, errors=[FieldError(field, message)])
