"""A signed-in browser at the API of the model, and its jobs run at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ceap.accounts.contracts import Level
from ceap.jobs.actions import run
from ceap.jobs.models import Job
from ceap.segments import actions as segments
from tests import actors


class Wire(Client):
    def __init__(self, name: str = "Ada", **grants: Level):
        super().__init__()
        self.force_login(actors.user(name, **grants), "allauth.account.auth_backends.AuthenticationBackend")

    def ask(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        """The answer, once whatever it queued is done; `expect`ed status."""
        content = json.dumps(body) if body is not None else ""
        answer = self.generic(method, f"/api{path}", content, "application/json")
        assert answer.status_code == expect, (answer.status_code, answer.content)
        return json.loads(answer.content) if answer.content else None

    def upload(self, file: Path, expect: int = 201) -> Any:
        sent = SimpleUploadedFile(file.name, file.read_bytes())
        answer = self.post("/api/learning/files", {"file": sent})
        assert answer.status_code == expect, (answer.status_code, answer.content)
        finish()
        return json.loads(answer.content)

    def work(self, method: str, path: str, body: Any = None, state: str = "done") -> Any:
        """The job that a call queued, ended; with its result."""
        job = Job.objects.get(pk=self.ask(method, path, body, 202)["job"])
        finish()
        job.refresh_from_db()
        assert job.state == state, (job.state, job.message)
        return job

    def deploy(self, version: int) -> None:
        self.ask("POST", f"/segments/discovered/versions/{version}/deploy", expect=204)
        finish()


def finish() -> None:
    """Run whatever is queued, and what that queues."""
    while row := Job.objects.filter(state="queued").order_by("created_at", "pk").first():
        run(str(row.pk))
    segments.build_pending()
