"""The data plane's own refusals."""

from __future__ import annotations

from ceap.kit.problem import Problem


class Unavailable(Problem):
    """The store cannot take writes at this moment (locked, disk full, unreachable); nothing was changed."""

    status = 503
    title = "Not possible at this moment"

    def __init__(self, detail: str, *, retry_after: int = 5):
        super().__init__(detail)
        self.retry_after = retry_after


class NotJson(Problem):
    """The body cannot be read."""

    status = 400
    title = "The body is not valid JSON"


class TooLarge(Problem):
    status = 413
    title = "The body is too large"


class TooSlow(Problem):
    status = 408
    title = "The body did not arrive in time"
