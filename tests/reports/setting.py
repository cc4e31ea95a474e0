"""Segments to make reports of, and reports ordered through the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.test import Client
from pyroaring import BitMap

from ceap.accounts.models import User
from ceap.core import bitmaps
from ceap.customers.models import Customer
from ceap.jobs import actions as jobs
from ceap.kit.clock import now
from ceap.segments.models import MembershipVersion, Segment

CONDITION = {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"}
RULE = {"join": "and", "groups": [{"join": "and", "conditions": [CONDITION]}]}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def segment_of(owner: User, sizes: tuple[int, ...] = (2, 4), name: str = "Loyal buyers") -> Segment:
    """A ready segment with a version a day; the first two members are owned by `owner`."""
    people = [
        Customer.objects.create(
            full_name="=1+1" if n == 0 else f"Person {n}", email=f"p{n}@example.test" if n % 2 else "",
            owner=owner if n < 2 else None, source="WhatsApp" if n else "", province="Western",
            sex="Female" if n else "", marketing_opt_in=True, date_of_birth=date(1990, 5, 4) if n else None,
            last_activity_at=now(), created_at=now(), updated_at=now(),
        )
        for n in range(max(sizes))
    ]  # fmt: skip
    segment = Segment.objects.create(
        name=name, description="Came back #often", rule=RULE, created_by=owner, created_at=now(), updated_at=now()
    )
    for number, size in enumerate(sizes, 1):
        at = now() - timedelta(days=len(sizes) - number)
        segment.current = MembershipVersion.objects.create(
            segment=segment, number=number, rule=RULE, rule_version=1, state="ready", size=size, total=max(sizes),
            bitmap=bitmaps.pack(BitMap([p.pk for p in people[:size]])), data_as_of=at, created_at=at, ready_at=at,
        )  # fmt: skip
    segment.save()
    return segment


def ordered(client: Client, segment: Segment, format: str = "pdf", existing: str = "ask", status: int = 202) -> Any:
    body = {"subject_kind": "segment", "subject_id": str(segment.pk), "format": format, "existing": existing}
    answer = client.post("/api/reports", body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def made(client: Client, segment: Segment, format: str = "pdf", existing: str = "ask") -> Any:
    row = ordered(client, segment, format, existing)
    jobs.run(row["job_id"])
    return client.get(f"/api/reports/{row['id']}").json()


def downloaded(client: Client, row: Any) -> tuple[bytes, str]:
    answer: Any = client.get(f"/api/reports/{row['id']}/file")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    for close in answer._resource_closers:  # the whole close() would end the test database
        close()
    return content, answer["Content-Disposition"]


def facts_of(book: Any) -> dict[str, Any]:
    return {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=3, values_only=True)}
