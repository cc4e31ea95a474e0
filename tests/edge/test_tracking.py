"""Opens, clicks and unsubscribes on a real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ceap.core.links import sign_target
from tests.edge.rig import Edge


def touches(edge: Edge, delivery: int, name: str) -> list[dict[str, Any]]:
    rows = edge.sql(f"SELECT payload FROM events_entry WHERE name = '{name}' AND customer = {delivery} ORDER BY seq")
    return [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in rows]


def stamp(edge: Edge, delivery: int, column: str) -> Any:
    return edge.sql(f"SELECT {column} FROM channels_delivery WHERE id = {delivery}")[0][0]


def test_an_open_is_stored_on_the_delivery_and_in_the_log(edge: Edge) -> None:
    answer = edge.get("/o/token-of-delivery-01.gif")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert stamp(edge, 1, "opened_at") is not None
    (touch,) = touches(edge, 1, "message_opened")
    assert touch["campaign"] == "00000000-0000-0000-0000-000000000009"
    assert touch["props"] == {"delivery": 1, "verdict": "person"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"user_agent": ""}),
        ("GET", {"user_agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"}),
        ("GET", {"sec_purpose": "prefetch;prerender"}),
    ],
)
def test_a_machine_does_not_open_or_click(edge: Edge, method: str, headers: dict[str, str]) -> None:
    edge.get("/o/token-of-delivery-02.gif", method=method, **headers)
    edge.get("/c/token-of-delivery-02/0", method=method, **headers)
    assert stamp(edge, 2, "opened_at") is stamp(edge, 2, "clicked_at") is None
    assert {t["props"]["verdict"] for t in touches(edge, 2, "message_clicked")} == {"machine"}


def test_a_click_goes_to_the_stored_target_and_is_stored(edge: Edge) -> None:
    answer = edge.get("/c/token-of-delivery-03/0")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/one")
    assert stamp(edge, 3, "clicked_at") is not None
    assert touches(edge, 3, "message_clicked")[0]["props"]["url"] == "https://shop.example/one"


def test_a_click_goes_to_a_signed_target(edge: Edge) -> None:
    secret = (edge.home / "secret.key").read_text()
    signed = sign_target(secret, "https://shop.example/for/ada?x=1&y=2")
    answer = edge.get(f"/c/token-of-delivery-03/4?u={signed}")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://shop.example/for/ada?x=1&y=2")


@pytest.mark.parametrize(
    "path",
    [
        "/c/token-of-delivery-03/0?u=https://evil.example",
        "/c/token-of-delivery-03/0?u=" + sign_target("another secret", "https://evil.example"),
        "/c/token-of-delivery-03/0?u=",
        "/c/token-of-delivery-03/1",  # a stored target that is no web address
        "/c/token-of-delivery-03/9",
        "/c/unknown/0",
    ],
)
def test_a_link_without_a_stored_or_signed_target_leads_nowhere(edge: Edge, path: str) -> None:
    answer = edge.get(path)
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_a_signed_script_is_not_followed(edge: Edge) -> None:
    secret = (edge.home / "secret.key").read_text()
    for url in ("javascript:alert(1)", "https://x.example/\r\nset-cookie: a=b", "data:text/html,x", "//x.example"):
        assert edge.get(f"/c/token-of-delivery-03/0?u={sign_target(secret, url)}").status_code == 404


def test_looking_at_the_unsubscribe_page_changes_nothing(edge: Edge) -> None:
    for method in ("GET", "HEAD"):
        assert edge.get("/u/token-of-delivery-04", method=method).status_code == 200
    page = edge.get("/u/token-of-delivery-04")
    assert '<form method="post">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert stamp(edge, 4, "unsubscribed_at") is None
    assert edge.sql("SELECT count(*) FROM consent_suppression WHERE address = 'p4@example.test'") == [(0,)]


def test_one_click_unsubscribes_at_once_and_again_changes_nothing(edge: Edge) -> None:
    for _ in range(3):
        answer = edge.get("/u/token-of-delivery-05", method="POST")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert stamp(edge, 5, "unsubscribed_at") is not None
    assert edge.sql("SELECT reason FROM consent_suppression WHERE address = 'p5@example.test'") == [("unsubscribed",)]
    assert edge.sql("SELECT count(*) FROM consent_consentrecord WHERE customer_id = 5") == [(1,)]
    assert edge.sql("SELECT marketing_opt_in FROM customers_customer WHERE id = 5")[0][0]  # of every channel: as it was
    assert len(touches(edge, 5, "message_unsubscribed")) == 1


def test_an_unknown_unsubscribe_link_is_answered_like_a_known_one(edge: Edge) -> None:
    known, unknown = (edge.get(f"/u/{t}", method="POST") for t in ("token-of-delivery-06", "never-made"))
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


def test_an_unsubscribe_of_a_merged_customer_reaches_the_one_that_is_left(edge: Edge) -> None:
    edge.sql("UPDATE customers_customer SET merged_into_id = 12 WHERE id = 8")
    edge.get("/u/token-of-delivery-08", method="POST")
    said = edge.sql("SELECT channel, purpose, granted FROM consent_consentrecord WHERE customer_id = 12")
    assert [(channel, purpose, bool(granted)) for channel, purpose, granted in said] == [("email", "marketing", False)]
