"""One customer's segments over HTTP, single and in batches, by the latest evaluation (S-16)."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.edge.rig import BROWSER, READER, SERVER, Edge
from tests.edge.test_events import token

pytestmark = pytest.mark.req("S-16")

_SEED = """

from pyroaring import BitMap
from ceap.core import bitmaps
from ceap.customers.models import Customer
from ceap.kit.clock import now
from ceap.segments.models import MembershipVersion, Segment
at = now()
def segment(number, name, members, then=None, archived=False):
    row = Segment.objects.create(id=f"00000000-0000-0000-0000-{number:012}", name=name, rule={}, created_at=at,
                                 updated_at=at, archived_at=at if archived else None)
    for n, ids in enumerate([m for m in (members, then) if m is not None], 1):
        version = MembershipVersion.objects.create(
            id=f"00000000-0000-0000-{n:04}-{number:012}", segment=row, number=n, rule={}, rule_version=1,
            state="ready", bitmap=bitmaps.pack(BitMap(ids)), size=len(ids), total=20, data_as_of=at, ready_at=at,
            created_at=at)
        if n == 1:
            Segment.objects.filter(pk=row.pk).update(current=version)
segment(1, "Loyal", [1, 2, 3, 6], then=[4])
segment(2, 'Asleep "since" May — ünï', [1, 5])
segment(3, "Put away", [1, 2], archived=True)
segment(4, "Still being built", None)
now_merged, erased = Customer.objects.get(pk=19), Customer.objects.get(pk=18)
now_merged.merged_into_id = 1; now_merged.save()
erased.erased_at = at; erased.full_name = ""; erased.save()
"""


@pytest.fixture(scope="module")
def served(edge: Edge) -> Edge:
    edge.seed(_SEED)
    time.sleep(1)  # what is published is seen within a second
    return edge


def uid(number: int, group: int = 0) -> str:
    return f"00000000-0000-0000-{group:04}-{number:012}"


def raw(edge: Edge, id: str) -> str:
    return f"'{id}'" if edge.store_url else f"'{id.replace('-', '')}'"


LOYAL = {"segment_id": uid(1), "segment_name": "Loyal"}
ASLEEP = {"segment_id": uid(2), "segment_name": 'Asleep "since" May — ünï'}


def many(edge: Edge, body: Any, key: str = SERVER, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"content": body} if isinstance(body, bytes) else {"json": body}
    return httpx.post(f"{edge.url}/v1/customers/segments", headers=given, timeout=30, **kind)


@pytest.mark.parametrize("path", ["id/1", "email/P1@example.test", "customer_id/C1", "phone/+628110000001"])
def test_the_segments_of_a_customer_are_answered_exactly_by_any_identity(served: Edge, path: str) -> None:
    answer = served.get(f"/v1/customers/{path}/segments", SERVER)
    assert answer.status_code == 200
    assert answer.json() == {"customer_name": "Person 1", "segments": [ASLEEP, LOYAL]}


def test_a_customer_in_no_segment_gets_an_empty_list(served: Edge) -> None:
    assert served.get("/v1/customers/id/9/segments", SERVER).json() == {"customer_name": "Person 9", "segments": []}


def test_an_unknown_customer_is_named_in_the_refusal(served: Edge) -> None:
    answer = served.get("/v1/customers/email/nobody@example.test/segments", SERVER)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no customer with the email “nobody@example.test”."
    assert served.get("/v1/customers/phone/12/segments", SERVER).status_code == 422


def test_a_merged_customer_is_answered_as_who_it_is_now_and_an_erased_one_not_at_all(served: Edge) -> None:
    assert served.get("/v1/customers/email/p19@example.test/segments", SERVER).json()["customer_name"] == "Person 1"
    assert served.get("/v1/customers/id/19/segments", SERVER).json()["segments"] == [ASLEEP, LOYAL]
    assert served.get("/v1/customers/id/18/segments", SERVER).status_code == 404
    assert many(served, [{"id": 18}, {"id": 19}]).json()["items"] == [
        {
            "customer": {"id": 18},
            "error": {
                "status": 404,
                "title": "There is nothing here",
                "detail": "There is no customer with the id “18”.",
            },
        },
        {"customer": {"id": 19}, "customer_name": "Person 1", "segments": [ASLEEP, LOYAL]},
    ]


def test_a_key_needs_the_scope_and_a_browser_sees_only_the_customer_of_its_token(served: Edge) -> None:
    path = "/v1/customers/email/p2@example.test/segments"
    assert served.get(path).status_code == 401
    assert served.get(path, READER).status_code == 403
    assert many(served, [{"id": 1}], READER).status_code == 403
    mine = token({"email": "p2@example.test"})
    assert served.get(path, BROWSER).status_code == 401
    assert served.get(path, BROWSER, x_customer_token=mine).json()["segments"] == [LOYAL]
    other = served.get("/v1/customers/email/p1@example.test/segments", BROWSER, x_customer_token=mine)
    assert other.status_code == 403
    both = many(served, [{"email": "p2@example.test"}, {"id": 1}], BROWSER, x_customer_token=mine).json()["items"]
    assert both[0]["segments"] == [LOYAL]
    assert both[1]["error"]["status"] == 403


def test_many_customers_are_answered_in_order_with_an_error_for_each_that_is_wrong(served: Edge) -> None:
    asked: list[dict[str, Any]] = [
        {"email": "p5@example.test"}, {"email": "nobody@example.test"}, {"id": 9}, {"phone": "12"}, {},
        {"customer_id": "C3"}, {"id": 5, "email": "p5@example.test"}, {"email": "p5@example.test"},
    ]  # fmt: skip
    answer = many(served, asked)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert [item["customer"] for item in items] == asked
    assert items[0] == {"customer": asked[0], "customer_name": "Person 5", "segments": [ASLEEP]}
    assert items[0] == items[7]
    assert items[2]["segments"] == []
    assert items[5]["segments"] == [LOYAL]
    assert [items[n]["error"]["status"] for n in (1, 3, 4, 6)] == [404, 422, 422, 422]
    assert "nobody@example.test" in items[1]["error"]["detail"]


@pytest.mark.parametrize("body", [[], [{"id": 1}] * 1001, {"id": 1}, [1], [{"id": None}]])
def test_a_request_about_nobody_or_too_many_is_refused_as_a_whole(served: Edge, body: Any) -> None:
    assert many(served, body).status_code == 422


def test_a_thousand_customers_are_answered_at_once(served: Edge) -> None:
    items = many(served, [{"id": 1 + n % 17} for n in range(1000)]).json()["items"]
    assert len(items) == 1000
    assert items[17]["segments"] == [ASLEEP, LOYAL]
    assert many(served, b"[{").status_code == 400


def test_an_identity_that_ends_in_segments_is_still_an_identity(served: Edge) -> None:
    served.post({"event": "x", "customer": {"anonymous_id": "a/segments"}})
    assert served.get("/v1/customers/anonymous_id/a%2Fsegments", SERVER).status_code == 200
    whole = served.get("/v1/customers/anonymous_id/a%2Fsegments/segments", SERVER)
    assert whole.json() == {"customer_name": "", "segments": []}


def test_what_is_published_archived_and_renamed_is_seen_within_a_second(served: Edge) -> None:
    def seen(customer: int, names: list[str]) -> None:
        until = time.monotonic() + 1
        while True:
            found = served.get(f"/v1/customers/id/{customer}/segments", SERVER).json()["segments"]
            if [each["segment_name"] for each in found] == names:
                return
            assert time.monotonic() < until, found
            time.sleep(0.02)

    loyal, second = raw(served, uid(1)), raw(served, uid(1, 2))
    seen(6, ["Loyal"])
    served.sql(f"UPDATE segments_segment SET current_id = {second} WHERE id = {loyal}")
    seen(4, ["Loyal"])
    seen(6, [])
    served.sql(f"UPDATE segments_segment SET name = 'Faithful' WHERE id = {loyal}")
    seen(4, ["Faithful"])
    served.sql(f"UPDATE segments_segment SET archived_at = '2026-01-01 00:00:00' WHERE id = {loyal}")
    seen(4, [])
    served.sql(
        f"UPDATE segments_segment SET archived_at = NULL, name = 'Loyal', current_id = {raw(served, uid(1, 1))} "
        f"WHERE id = {loyal}"
    )
    seen(6, ["Loyal"])


def test_a_damaged_membership_leaves_the_others_served_and_is_said(served: Edge) -> None:
    damaged, intact = raw(served, uid(2)), raw(served, uid(2, 1))
    served.sql(f"UPDATE segments_segment SET archived_at = '2026-01-01 00:00:00' WHERE id = {damaged}")
    broken = "'\\x00ff'::bytea" if served.store_url else "x'00ff'"
    kept = served.sql(f"SELECT bitmap FROM segments_membershipversion WHERE id = {intact}")[0][0]
    served.sql(f"UPDATE segments_membershipversion SET bitmap = {broken} WHERE id = {intact}")
    time.sleep(0.6)  # the old one is out of memory
    served.sql(f"UPDATE segments_segment SET archived_at = NULL WHERE id = {damaged}")
    time.sleep(0.8)
    assert served.get("/v1/customers/id/1/segments", SERVER).json()["segments"] == [LOYAL]
    checks = served.get("/readyz").json()["checks"]
    assert checks["damaged_memberships"] == [ASLEEP["segment_name"]]
    whole = ("'\\x{}'::bytea" if served.store_url else "x'{}'").format(bytes(kept).hex())
    served.sql(f"UPDATE segments_membershipversion SET bitmap = {whole} WHERE id = {intact}")
    time.sleep(0.8)
    assert served.get("/v1/customers/id/1/segments", SERVER).json()["segments"] == [ASLEEP, LOYAL]
