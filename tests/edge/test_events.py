"""POST /v1/events on a real server: what is acknowledged is stored, what is refused changed nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from ceap.kit import clock
from ceap.kit.ids import digest
from tests.edge.rig import BROWSER, READER, SERVER, Edge, edge_on


def event(name: str = "product_viewed", person: int = 1, **more: Any) -> dict[str, Any]:
    return {"event": name, "customer": {"email": f"p{person}@example.test"}, **more}


def test_one_event_is_stored_with_everything_it_said(edge: Edge) -> None:
    said = event(event_id="one", at="2026-03-01T09:30:00+07:00", item="sku-1", amount="12.50", properties={"a": [1]})
    assert edge.post(said).json() == {"accepted": 1, "duplicates": 0}
    (row,) = edge.sql("SELECT kind, name, customer, payload FROM events_entry WHERE dedupe = 'event:one'")
    payload = json.loads(row[3]) if isinstance(row[3], str) else row[3]
    assert row[:3] == ("event", "product_viewed", 1)
    assert payload == {"at": "2026-03-01T09:30:00+07:00", "item": "sku-1", "amount": "12.50", "props": {"a": [1]}} | {
        "at": payload["at"]
    }


def test_customers_are_found_by_any_identity_and_by_number(edge: Edge) -> None:
    who = [{"email": " P2@Example.TEST "}, {"phone": "+62 811-000 0002"}, {"customer_id": "C2"}, {"id": 2}, {"id": "2"}]
    answer = edge.post([{"event": "any_identity", "customer": one} for one in who])
    assert answer.status_code == 202, answer.text
    assert edge.sql("SELECT DISTINCT customer FROM events_entry WHERE name = 'any_identity'") == [(2,)]


def test_an_event_id_counts_once_within_and_across_requests(edge: Edge) -> None:
    assert edge.post([event(event_id="d1"), event(event_id="d1"), event(event_id="d2")]).json() == {
        "accepted": 2,
        "duplicates": 1,
    }
    assert edge.post(event(event_id="d1")).json() == {"accepted": 0, "duplicates": 1}


def test_a_purchase_is_one_entry_and_its_order_counts_once(edge: Edge) -> None:
    order = {
        "kind": "purchase", "customer": {"id": 3}, "order_id": "O-1", "currency": "IDR", "outlet": "Bandung",
        "lines": [{"item": "tea", "quantity": 2, "unit_price": 1.25}, {"item": "cup", "unit_price": "4"}],
    }  # fmt: skip
    assert edge.post(order).json() == {"accepted": 1, "duplicates": 0}
    assert edge.post(order).json() == {"accepted": 0, "duplicates": 1}
    assert edge.post({**order, "customer": None, "order_id": "guest"}).json() == {"accepted": 1, "duplicates": 0}
    assert edge.sql("SELECT customer FROM events_entry WHERE kind = 'purchase' ORDER BY seq") == [(3,), (None,)]


def test_an_order_said_anew_is_an_update_and_said_again_counts_once(edge: Edge) -> None:
    order = {
        "kind": "purchase", "customer": {"id": 3}, "order_id": "O-2", "at": "2026-03-01T09:30:00+07:00",
        "lines": [{"item": "tea", "unit_price": 1}],
    }  # fmt: skip
    renamed = {**order, "lines": [{"item": "tea", "item_name": "Green tea", "unit_price": 1}]}
    answers = [edge.post(one).json() for one in (order, order, renamed, {**renamed, "customer": {"customer_id": "C3"}})]
    assert [answer["accepted"] for answer in answers] == [1, 0, 1, 0]
    longest = {**order, "order_id": "O" * 120, "event_id": "e" * 100}
    assert [edge.post(one).json()["accepted"] for one in (longest, longest)] == [1, 0]


def test_an_order_that_a_browser_writes_has_lines_of_its_own(edge: Edge) -> None:
    order = {"kind": "purchase", "customer": {"id": 3}, "order_id": "O-1", "lines": [{"item": "tea", "unit_price": 0}]}
    mine = token({"id": 3})
    assert edge.post(order, BROWSER, x_customer_token=mine).json() == {"accepted": 1, "duplicates": 0}
    [(payload,)] = edge.sql("SELECT payload FROM events_entry WHERE dedupe LIKE 'browser:3:order:%'")
    said = json.loads(payload) if isinstance(payload, str) else payload
    assert [line["key"] for line in said["lines"]] == ["browser:3:order:O-1/tea/1"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event": "x"}, "[0].customer"),
        ({"customer": {"id": 1}}, "[0].event"),
        ({"event": "x", "customer": {"email": "nobody"}}, "[0].customer.email"),
        ({"event": "x", "customer": {"phone": "0811"}}, "[0].customer.phone"),
        ({"event": "x", "customer": {"id": 1}, "evnt_id": "a"}, "[0].evnt_id"),
        ([event(), event(), {"event": 3, "customer": {"id": 1}}], "[2].event"),
        ([event(), event(at="2099-01-01T00:00:00Z")], "[1].at"),
        ([event(), event(at="2026-01-01T00:00:00")], "[1].at"),
        ([event(), event(amount="1.23456")], "[1].amount"),
        ([event(), event(amount=1e30)], "[1].amount"),
        ([event(properties={"a": "x" * 40_000})], "[0].properties"),
        ([event("message_opened")], "[0].event"),
        ([event(), {"kind": "purchase", "order_id": "z", "customer": {"id": 1}}], "[1].lines"),
        ({"kind": "purchase", "order_id": "z", "lines": [{"item": "a", "unit_price": "x"}]}, "[0].lines[0].unit_price"),
        ([event(), event(person=99)], "[1].customer.email"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_of_the_request_is_stored(edge: Edge, body: Any, field: str) -> None:
    before = edge.count()
    answer = edge.post(body, READER)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field
    assert edge.count() == before


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b"\xff", b'{"a":' * 3000, b"[]", b"null", b"3"])
def test_an_unreadable_body_is_refused(edge: Edge, body: bytes) -> None:
    assert edge.post(body).status_code in (400, 422)


def test_too_many_events_and_too_large_bodies_are_refused(edge: Edge) -> None:
    assert edge.post([event()] * 1001).status_code == 422
    assert edge.post(b" " * (8 * 1024 * 1024 + 1)).status_code == 413


KEPT_AS: list[tuple[str, Any, str]] = [
    ("phone", "+62 0812-9999-0001", "+6281299990001"),
    ("phone", "0812 9999 0001", "+6281299990001"),
    ("phone", "0062 812 9999 0001", "+6281299990001"),
    ("phone", "628129990001.0", "+628129990001"),
    ("email", "Z@xn--exmple-cua.test", "z@exämple.test"),
    ("customer_id", "E\u0301mile", "Émile"),
    ("customer_id", " Two  Spaces ", "Two Spaces"),
    ("anonymous_id", "a" * 254, "a" * 254),
    ("phone", "555-2671", ""), ("phone", "0812 / 0813", ""), ("email", "<a@b.org>", ""), ("email", "a@b", ""),
    ("email", "test@test.com", ""), ("customer_id", "n/a", ""), ("customer_id", 0, ""), ("customer_id", "1.23E+11", ""),
    ("customer_id", "[object Object]", ""), ("customer_id", "x" * 121, ""), ("anonymous_id", "x" * 255, ""),
]  # fmt: skip


def settings(edge: Edge, **given: Any) -> None:
    edge.sql("DELETE FROM accounts_organisation")
    edge.sql(
        "INSERT INTO accounts_organisation (id, name, time_zone, currency, scenario, synthetic, settings) "
        f"VALUES (1, 'Toko', 'UTC', 'IDR', '', false, '{json.dumps(given)}')"
    )
    time.sleep(1)


def test_identities_are_read_as_everywhere_else(edge: Edge) -> None:
    settings(edge, default_region="ID")
    for kind, given, kept in KEPT_AS:
        answer = edge.post([event(), {"event": "seen", "customer": {kind: given}}])
        if kept:
            assert answer.status_code == 202, (given, answer.text)
            assert edge.sql(f"SELECT count(*) FROM customers_identity WHERE kind = '{kind}' AND value = '{kept}'") == [
                (1,)
            ]
        else:
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"[1].customer.{kind}"), given
    assert edge.sql("SELECT count(*) FROM customers_identity WHERE value IN ('0', 'n/a', 'a@b')") == [(0,)]
    settings(edge, placeholders=["nobody*"])
    assert edge.post({"event": "seen", "customer": {"customer_id": "n/a"}}).status_code == 202
    refused = edge.post({"event": "seen", "customer": {"customer_id": "Nobody 7"}})
    assert refused.json()["errors"][0]["message"].startswith("The customer_id “Nobody 7” is a placeholder")
    assert edge.get("/v1/customers/phone/08110000009", READER).status_code == 422
    settings(edge, default_region="ID")
    assert edge.get("/v1/customers/phone/0811-000-0009", READER).json()["full_name"] == "Person 9"


def test_half_a_character_names_its_index(edge: Edge) -> None:
    before = edge.count()
    one = b'{"event": "a", "customer": {"id": 1}, "properties": {"b": "%s"}}'
    body = b"[%s, %s]" % (one % b"", one % b"\\ud83d")
    answer = edge.post(body)
    assert (answer.status_code, answer.json()["index"]) == (422, 1)
    assert answer.json()["errors"][0] == {
        "field": "[1].properties.b",
        "message": "The text holds half of a character (a lone surrogate), which cannot be stored.",
    }
    assert edge.post(body.replace(b"\\ud83d", b"\xed\xa0\xbd")).json()["index"] == 1
    assert edge.count() == before


def test_text_is_stored_composed(edge: Edge) -> None:
    said = event("cafe\u0301", properties={"e\u0301": ["a\u0308", {"n": "ok"}]}, item="o\u0308")
    assert edge.post(json.dumps(said).encode()).status_code == 202
    assert edge.post(json.dumps(said, ensure_ascii=False).encode()).status_code == 202
    for (payload,) in edge.sql("SELECT payload FROM events_entry WHERE name = 'café'"):
        stored = json.loads(payload) if isinstance(payload, str) else payload
        assert (stored["props"], stored["item"]) == ({"é": ["ä", {"n": "ok"}]}, "ö")
    assert edge.sql("SELECT count(*) FROM events_entry WHERE name = 'café'") == [(2,)]


def test_an_unknown_customer_is_made_only_with_the_scope(edge: Edge) -> None:
    body = {"event": "x", "customer": {"email": "fresh@example.test"}}
    refused = edge.post(body, READER)
    assert refused.status_code == 422, "somebody unknown was accepted"
    assert "customers:write" in refused.json()["errors"][0]["message"]
    assert edge.post([body, body], SERVER).json()["accepted"] == 2
    rows = edge.sql(
        "SELECT c.email, c.added_by, c.version FROM customers_customer c JOIN customers_identity i ON "
        "i.customer_id = c.id WHERE i.kind = 'email' AND i.value = 'fresh@example.test'"
    )
    assert rows == [("fresh@example.test", "key server-key-1", 1)]


def test_events_follow_a_merge_and_stop_at_an_erasure(edge: Edge) -> None:
    edge.sql("UPDATE customers_customer SET merged_into_id = 5 WHERE id = 4")
    edge.sql("UPDATE customers_customer SET erased_at = '2026-01-01 00:00:00' WHERE id = 6")
    assert edge.post({"event": "merged", "customer": {"id": 4}}).status_code == 202
    assert edge.sql("SELECT customer FROM events_entry WHERE name = 'merged'") == [(5,)]
    assert edge.post({"event": "x", "customer": {"id": 6}}).status_code == 422


def test_without_a_live_key_nothing_is_stored(edge: Edge) -> None:
    for key in ("ceap_srv_wrong", "x", "x" * 500):
        answer = edge.post(event(), key)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_key_stops_working_within_a_second(edge: Edge) -> None:
    edge.sql(
        "INSERT INTO accounts_apikey (id, name, kind, prefix, digest, sealed, grants, scopes, created_at) SELECT "
        + ("gen_random_uuid()" if edge.store_url else "lower(hex(randomblob(16)))")
        + f", 'r', 'server', 'p', '{digest('ceap_srv_to-revoke')}', '', '{{}}', '[\"events:write\"]', "
        "'2026-01-01 00:00:00'"
    )
    assert edge.post(event(), "ceap_srv_to-revoke").status_code == 202
    edge.sql("UPDATE accounts_apikey SET revoked_at = '2026-01-01 00:00:00' WHERE prefix = 'p'")
    time.sleep(1)
    assert edge.post(event(), "ceap_srv_to-revoke").status_code == 401


def test_an_idempotency_key_has_one_effect_and_one_answer(edge: Edge) -> None:
    first = edge.post([event("idem"), event("idem")], idempotency_key="k-1")
    again = edge.post([event("idem"), event("idem")], idempotency_key="k-1")
    other = edge.post([event("idem")], idempotency_key="k-1")
    assert (
        (first.status_code, first.json())
        == (again.status_code, again.json())
        == (202, {"accepted": 2, "duplicates": 0})
    )
    assert other.status_code == 409
    assert edge.sql("SELECT count(*) FROM events_entry WHERE name = 'idem'") == [(2,)]
    # Another key's callers have a room of their own.
    assert edge.post([event("idem")], READER, idempotency_key="k-1").status_code == 202


def test_one_idempotency_key_used_at_once_by_many_has_one_effect(edge: Edge) -> None:
    answers: list[httpx.Response] = []

    def send() -> None:
        answers.append(edge.post(event("at_once"), idempotency_key="k-many"))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(a.status_code, a.text) for a in answers} == {(202, '{"accepted":1,"duplicates":0}')}
    stored = edge.sql("SELECT count(*) FROM events_entry WHERE name = 'at_once'")[0][0]
    assert stored == 1, f"stored {stored} times"


CARELESS = """
from ceap.edge import ingest, keys
ingest._earlier = lambda cursor, vendor, batch: None  # no Idempotency-Key is remembered
keys.Caller.may = lambda self, scope: True  # any key may make customers
from ceap.edge.server import run
from ceap.kit.home import Home
run(Home.load())
"""


def test_planted_defects_are_found(tmp_path: Path) -> None:
    with edge_on(tmp_path, start=False) as careless:
        careless.start([sys.executable, "-c", CARELESS])
        with pytest.raises(AssertionError, match="stored 12 times"):
            test_one_idempotency_key_used_at_once_by_many_has_one_effect(careless)
        with pytest.raises(AssertionError, match="somebody unknown was accepted"):
            test_an_unknown_customer_is_made_only_with_the_scope(careless)


def test_one_new_customer_named_at_once_by_many_is_made_once(edge: Edge) -> None:
    codes: list[int] = []
    body = {"event": "x", "customer": {"email": "race@example.test"}}
    threads = [threading.Thread(target=lambda: codes.append(edge.post(body).status_code)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [202] * 12
    assert edge.sql("SELECT count(*) FROM customers_customer WHERE email = 'race@example.test'") == [(1,)]


def token(
    customer: dict[str, Any], *, expires: float = 600, key: str = SERVER, alg: str = "HS256", signed: bytes = b""
) -> str:
    """A customer token, the way the events API's page tells a site's backend to make it; `signed` with what else."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    head = part(json.dumps({"alg": alg, "typ": "JWT", "kid": key[:14]}).encode())
    body = part(json.dumps({"customer": customer, "exp": int(clock.now().timestamp() + expires)}).encode())
    secret = signed or hashlib.sha256(key.encode()).hexdigest().encode()
    return f"{head}.{body}.{part(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256'))}"


def test_a_browser_writes_only_for_the_customer_of_its_token(edge: Edge) -> None:
    mine = token({"email": "p7@example.test"})
    assert edge.post({"event": "web"}, BROWSER, x_customer_token=mine).status_code == 202
    assert edge.post({"event": "web", "customer": {"id": 7}}, BROWSER, x_customer_token=mine).status_code == 202
    assert edge.sql("SELECT DISTINCT customer FROM events_entry WHERE name = 'web'") == [(7,)]
    other = edge.post({"event": "web", "customer": {"id": 8}}, BROWSER, x_customer_token=mine)
    assert other.status_code == 422
    for bad in ("", "a.b.c", token({"id": 7}, expires=-1), token({"id": 7}, expires=10**6),
                token({"id": 7}, alg="none"),
                token({"id": 7}, key="ceap_srv_server-key-2"), mine[:-2] + "AA"):  # fmt: skip
        assert edge.post({"event": "web"}, BROWSER, x_customer_token=bad).status_code == 401
    assert edge.get("/v1/customers/email/p7@example.test", BROWSER, x_customer_token=mine).status_code == 200
    assert edge.get("/v1/customers/email/p8@example.test", BROWSER, x_customer_token=mine).status_code == 403


def test_whoever_has_the_store_alone_forges_no_customer_token(edge: Edge) -> None:
    dumped: set[bytes] = set()
    for row in edge.sql("SELECT * FROM accounts_apikey"):
        for value in row:
            raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
            more = {raw.hex().encode(), hashlib.sha256(raw).digest(), hashlib.sha256(raw).hexdigest().encode()}
            dumped |= {raw, *more, bytes.fromhex(raw.decode()) if len(raw) == 64 else raw}
    assert len(dumped) > 30
    for stolen in dumped - {b""}:
        forged = token({"email": "p8@example.test"}, signed=stolen)
        answer = edge.get("/v1/customers/email/p8@example.test", BROWSER, x_customer_token=forged)
        assert answer.status_code == 401, stolen
    mine = token({"email": "p8@example.test"})
    assert edge.get("/v1/customers/email/p8@example.test", BROWSER, x_customer_token=mine).status_code == 200


def test_a_browsers_event_id_cannot_take_a_servers(edge: Edge) -> None:
    mine = token({"email": "p7@example.test"})
    assert edge.post({"event": "x", "event_id": "order-5"}, BROWSER, x_customer_token=mine).json()["accepted"] == 1
    assert edge.post(event(event_id="order-5")).json() == {"accepted": 1, "duplicates": 0}


def test_pages_of_any_site_may_call_with_a_key_and_never_with_cookies(edge: Edge) -> None:
    asked = edge.get("/v1/events", method="OPTIONS", origin="https://shop.example")
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in asked.headers


def test_a_customer_is_looked_up_by_any_identity(edge: Edge) -> None:
    for path in ("email/P9@example.test", "customer_id/C9", "phone/+628110000009", "id/9"):
        answer = edge.get(f"/v1/customers/{path}", READER)
        assert answer.status_code == 200
        assert answer.json()["full_name"] == "Person 9"
    assert edge.get("/v1/customers/email/none@example.test", READER).status_code == 404
    assert edge.get("/v1/customers/id/99999", READER).status_code == 404
    assert edge.get("/v1/customers/id/9").status_code == 401


def test_answers_carry_the_callers_request_id(edge: Edge) -> None:
    assert edge.get("/healthz", x_request_id="abc-1").headers["x-request-id"] == "abc-1"
    assert edge.get("/healthz", x_request_id="<script>").headers["x-request-id"] != "<script>"
