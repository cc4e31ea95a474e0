"""Opens, clicks and unsubscribes on a real server."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ceap.core.links import sign_target
from tests.edge.rig import PERSON, Edge


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


# What mail programs, chats and people put around a link, and what is left of one that was read as quoted-printable.
AROUND = [
    ")",
    ".",
    ",",
    "%3E",
    "),",
    "%E2%80%9D",
    "%20",
    "'",
    "%22",
    "%5D",
    "=3D",
    "=",
    "*",
    "_",
    "/",
    "%3E.%0D%0A",
    "%E3%80%82",
]


@pytest.mark.parametrize("after", AROUND)
@pytest.mark.parametrize("body", [None, {"List-Unsubscribe": "One-Click"}])
def test_what_stands_around_an_unsubscribe_link_is_no_part_of_it(edge: Edge, after: str, body: Any) -> None:
    path = f"/u/token-of-delivery-06{after}"
    assert "Press the button" in edge.get(path).text
    answer = httpx.post(f"{edge.url}{path}", data=body, headers={"user-agent": PERSON})
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    assert stamp(edge, 6, "unsubscribed_at") is not None
    edge.sql("UPDATE channels_delivery SET unsubscribed_at = NULL WHERE id = 6")


@pytest.mark.parametrize("before", ["%3C", "%22", "(", "=3D"])
def test_what_stands_before_the_token_is_no_part_of_it(edge: Edge, before: str) -> None:
    assert edge.get(f"/u/{before}token-of-delivery-09", method="POST").status_code == 200
    assert stamp(edge, 9, "unsubscribed_at") is not None
    edge.sql("UPDATE channels_delivery SET unsubscribed_at = NULL WHERE id = 9")


DAMAGED = [
    "TOKEN-OF-DELIVERY-07",
    "token-of-delivery-0",
    "never-made",
    "token-of-delivery-07x",
    "token-of-=",
    "%00",
    ")",
    "",
]


@pytest.mark.parametrize("token", DAMAGED)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_damaged_unsubscribe_link_says_so_and_stores_nothing(edge: Edge, token: str, method: str) -> None:
    before = edge.count("consent_consentrecord"), edge.count("consent_suppression"), edge.count()
    answer = edge.get(f"/u/{token}", method=method)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This link is not complete" in answer.text
    assert "you are <strong>not</strong> unsubscribed" in answer.text
    assert "You are unsubscribed" not in answer.text
    assert "<form" not in answer.text
    assert (edge.count("consent_consentrecord"), edge.count("consent_suppression"), edge.count()) == before


def test_a_damaged_link_says_where_to_write_to(edge: Edge) -> None:
    assert "mailto:" not in edge.get("/u/never-made", method="POST").text
    assert "Answer the message" in edge.get("/u/never-made", method="POST").text
    edge.sql(
        "INSERT INTO channels_sender (id, name, channel, from_name, from_address, reply_to, provider, config, "
        'rate_per_second, burst, "default", created_at) VALUES '
        "('00000000000000000000000000000001', 'S', 'email', 'Shop', 'no-reply@shop.test', "
        "'o''hara+x@shop.test', 'smtp', "
        "'{}', 0, 1, true, '2026-01-01 00:00:00'), "
        "('00000000000000000000000000000002', 'N', 'email', 'Shop', 'noreply@shop.test', '', 'smtp', "
        "'{}', 0, 1, false, "
        "'2026-01-02 00:00:00')"
    )
    settings = json.dumps({"postal_address": "1 High Street\n<Leeds> LS1 2AB"}).replace("'", "''")
    edge.sql(f"UPDATE accounts_organisation SET settings = '{settings}'")
    made = edge.count("accounts_organisation")
    for path in ("/u/never-made", "/c/never-made/0", "/c/token-of-delivery-03"):
        page = edge.get(path).text
        assert '<a href="mailto:o%27hara+x@shop.test">o&#x27;hara+x@shop.test</a>' in page
        assert "noreply@shop.test" not in page
        assert ("1 High Street<br>&lt;Leeds&gt; LS1 2AB" in page) == bool(made)


def test_the_link_of_a_test_message_says_that_it_was_one(edge: Edge) -> None:
    edge.sql("UPDATE channels_delivery SET source_kind = 'test' WHERE id = 10")
    answer = edge.get("/u/token-of-delivery-10", method="POST")
    assert (answer.status_code, "This was a test message" in answer.text) == (200, True)
    assert "You are unsubscribed" not in answer.text
    assert stamp(edge, 10, "unsubscribed_at") is None


@pytest.mark.parametrize("after", [")", ".", "%3E", "),", "%E2%80%9D", "=3D"])
def test_punctuation_after_the_links_and_pictures_of_a_message_is_trimmed(edge: Edge, after: str) -> None:
    answer = edge.get(f"/c/token-of-delivery-07/0{after}")
    assert (answer.status_code, answer.headers.get("location")) == (302, "https://shop.example/one")
    assert stamp(edge, 7, "clicked_at") is not None
    signed = sign_target((edge.home / "secret.key").read_text(), "https://shop.example/for/ada")
    answer = edge.get(f"/c/token-of-delivery-07/4?u={signed}{after}")
    assert (answer.status_code, answer.headers.get("location")) == (302, "https://shop.example/for/ada")
    edge.get(f"/o/token-of-delivery-07.gif{after}")
    assert stamp(edge, 7, "opened_at") is not None
    edge.sql("UPDATE channels_delivery SET clicked_at = NULL, opened_at = NULL WHERE id = 7")


@pytest.mark.parametrize(
    "path", ["/c/token-of-delivery-03", "/c/", "/c/token-of-delivery-03/0x", "/c/unknown/0", "/u/a%0Ab"]
)
def test_every_damaged_link_of_a_message_is_answered_with_a_page_for_people(edge: Edge, path: str) -> None:
    answer = edge.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "This link is not complete" in answer.text


def test_an_unsubscribe_of_a_merged_customer_reaches_the_one_that_is_left(edge: Edge) -> None:
    edge.sql("UPDATE customers_customer SET merged_into_id = 12 WHERE id = 8")
    edge.get("/u/token-of-delivery-08", method="POST")
    said = edge.sql("SELECT channel, purpose, granted FROM consent_consentrecord WHERE customer_id = 12")
    assert [(channel, purpose, bool(granted)) for channel, purpose, granted in said] == [("email", "marketing", False)]
