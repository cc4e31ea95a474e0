"""Both OpenAPI documents, tried by a machine: what they allow and what they do not, alone and in chains of operations.

Only `make soak` runs it. Nothing is shrunk: every operation that answered 5xx is named, with how to ask it again.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.openapi import from_dict

from ceap.edge.openapi import document
from ceap.web.api import api
from tests import actors
from tests.edge.rig import SERVER, edge_on
from tests.test_permissions import browser

SECONDS = 180.0  # a plane; two thirds for operations alone, shared out evenly, the rest for chains
EXAMPLES = 100  # at most, of one operation alone
STEPS = 8  # of one chain

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS * 10), pytest.mark.filterwarnings("default")]
Around = Callable[[], AbstractContextManager[Any]]
QUIET: dict[str, Any] = {
    "deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.generate],
}  # fmt: skip


class Errors(logging.Handler):
    """Where the last error that was logged came from."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = self.format(record)[-600:]


class Enough(BaseException):
    """The time of an operation is over. No Exception: that Hypothesis would take for a failure and repeat."""


class Hunt:
    """Calls operations and keeps those that answered 5xx. `around` holds one call or chain and takes it back."""

    def __init__(self, schema: Any, sent: dict[str, Any], around: Around = nullcontext):
        self.schema, self.sent, self.around = schema, sent, around
        self.calls: dict[str, int] = {}
        self.found: dict[str, str] = {}
        self.errors = Errors(logging.ERROR)

    def note(self, case: Any, status: int) -> None:
        label = case.operation.label
        self.calls[label] = self.calls.get(label, 0) + 1
        if status >= 500 and label not in self.found:
            self.found[label] = f"{status} {case.as_curl_command()[:600]}\n{self.errors.last}"

    def alone(self, operation: Any, seconds: float) -> None:
        end = time.monotonic() + seconds

        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, **QUIET)
        def one(case: schemathesis.Case) -> None:
            if self.calls.get(operation.label) and time.monotonic() > end:
                raise Enough
            with self.around():
                self.note(case, case.call(**self.sent).status_code)

        with suppress(Enough):
            one()

    def chains(self, seconds: float) -> None:
        end, hunt = time.monotonic() + seconds, self

        class Chain(self.schema.as_state_machine()):  # type: ignore[misc]
            def setup(self) -> None:
                self.held = hunt.around()
                self.held.__enter__()

            def teardown(self) -> None:
                self.held.__exit__(None, None, None)

            def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
                return hunt.sent

            def validate_response(self, response: Any, case: schemathesis.Case, **_: Any) -> None:
                hunt.note(case, response.status_code)

        while time.monotonic() < end:
            Chain.run(settings=settings(max_examples=5, stateful_step_count=STEPS, **QUIET))

    def run(self) -> None:
        operations = [each.ok() for each in self.schema.get_all_operations()]
        root = logging.getLogger()
        root.addHandler(self.errors)
        logging.disable(logging.WARNING)
        try:
            for operation in operations:
                self.alone(operation, SECONDS * 2 / 3 / len(operations))
            self.chains(SECONDS / 3)
        finally:
            root.removeHandler(self.errors)
            logging.disable(logging.NOTSET)
        assert set(self.calls) == {operation.label for operation in operations}
        assert not self.found, "\n\n".join(f"{label}: {what}" for label, what in self.found.items())


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """A request ends without closing the test's connection, as with Django's own test client."""
    both = (signals.request_started, signals.request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.usefixtures("_kept_connection")
def test_the_control_plane_answers_no_5xx_to_an_administrator() -> None:
    client = browser(actors.user("Fuzz"))
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    about = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    for item in about["paths"].values():
        for operation in item.values():
            operation.pop("security", None)  # or a made-up key takes the place of the session
    schema, application = from_dict(about), get_wsgi_application()
    schema.app = lambda environ, start: application({"REMOTE_ADDR": "127.0.0.1"} | environ, start)
    Hunt(schema, {"cookies": cookies, "headers": {"X-CSRFToken": "a" * 32}}, taken_back).run()


def test_the_data_plane_answers_no_5xx_to_a_server_key(tmp_path: Path) -> None:
    with edge_on(tmp_path) as edge:
        schema = from_dict(document(edge.url))
        sent = {"base_url": edge.url, "headers": {"Authorization": f"Bearer {SERVER}"}, "allow_redirects": False}
        Hunt(schema, sent).run()
