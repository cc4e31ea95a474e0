"""Who may delete, overwrite and try again whose reports."""

from __future__ import annotations

import pytest

from ceap.accounts.contracts import Level
from ceap.accounts.models import Role, User
from ceap.accounts.queries import actor_of
from ceap.kit.clock import now
from ceap.kit.problem import Forbidden
from ceap.reports import actions
from ceap.reports.models import Report
from tests import actors
from tests.permissions_rows import ROWS

pytestmark = pytest.mark.django_db


def test_an_analyst_neither_deletes_nor_overwrites_an_administrators_report() -> None:
    boss = actors.user("Boss")
    role = Role.objects.get(key="analyst")
    analyst = actor_of(User.objects.create(email="a@example.test", name="A", role=role, created_at=now()))
    assert analyst.level("reports_create") is Level.OWNED
    made, failed = ROWS["report"](boss), ROWS["failed_report"](boss)
    before = list(Report.objects.order_by("pk").values())
    with pytest.raises(Forbidden, match="only your own"):
        actions.delete(analyst, made["report_id"])
    with pytest.raises(Forbidden, match="only your own"):
        actions.retry(analyst, failed["report_id"])
    with pytest.raises(Forbidden, match="new version"):
        actions.create(analyst, "segment", made["segment_id"], "pdf", existing="overwrite")
    assert list(Report.objects.order_by("pk").values()) == before
    actions.delete(actor_of(boss), made["report_id"])
    assert not Report.objects.filter(pk=made["report_id"]).exists()
