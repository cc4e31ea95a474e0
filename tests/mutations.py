"""Requests that no client means to send: bodies, queries, paths and content types, mutated with a seed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

Body = Any

LONE = "\ud800"
DEEP: Any = 0
for _ in range(90):
    DEEP = [DEEP]
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 10**30, -(10**19), 2**63, 1e308, float("nan"), float("inf"), "", " ", "\x00", "a\x00b",
    LONE, f"a{LONE}@example.org", "x" * 70_000, "٣", "🙂" * 300, "9999-12-31T23:59:59Z", "9999-12-31",
    "0001-01-01T00:00:00Z",    "2026-02-30", "NaN", "Infinity", "1e400", "' OR 1=1 --", "%00", "\\",
    "{{", "{% if %}", "../../etc/passwd",
    "http://[", "https://user:pw@host:99999/", [], {}, [None], [[]], {"": None}, {"a": {"b": {"c": []}}}, [{}] * 300,
    DEEP,    "00000000-0000-0000-0000-000000000000", "not-a-uuid", "id", "customers", 32768, 2147483648,
)  # fmt: skip
CURSORS = ("%00", "zzz", "W10", "WzFd", "WyJ4Il0", "eyJhIjoxfQ", "bnVsbA", "x" * 5_000, "%ED%A0%80", "WzFlNDAwXQ",
           "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDBd", "W251bGwsbnVsbF0", "WyIyMDI2Iiwi77-_Il0")  # fmt: skip
WORDS = ("%00", "99999999999999999999999", "-1", "%ED%A0%80", "true", "NaN", "9999-12-31T23:59:59Z", "[]", "x" * 3_000,
         "0001-01-01", "null", "%F0%9F%99%82", "a&a=b", "%25")  # fmt: skip
RAW: tuple[tuple[str, bytes], ...] = (
    ("application/json", b""), ("application/json", b"{"), ("application/json", b"null"), ("application/json", b"[]"),
    ("application/json", b'"x"'), ("application/json", b"\xff\xfe"), ("application/json", b"[" * 20_000),
    ("application/json", b'{"a":' * 20_000), ("application/json", b'{"name": "\\ud800"}'), ("application/json", b"NaN"),
    ("application/json", b"1" * 6_000), ("application/json; charset=nope", b"{}"), ("text/plain", b"{}"), ("", b"{}"),
    ("multipart/form-data", b"x"), ("multipart/form-data; boundary=", b"x"), ("multipart/form-data; boundary=b", b"x"),
    ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx'),
    ("multipart/form-data; boundary=\xe9", b"--"), ("application/x-www-form-urlencoded", b"%ED%A0%80=%00&file=\x00"),
    ("application/x-www-form-urlencoded; charset=nope", b"a=b"),
    ("multipart/form-data; boundary=b; charset=nope", b"--b--"),
)  # fmt: skip


def places(body: Body, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value in `body`, the body itself left out."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in pairs:
        yield (*at, key)
        yield from places(value, (*at, key))


def replaced(body: Body, at: tuple[Any, ...], value: Any) -> Body:
    """`body` with another value at a path."""
    body = copy.deepcopy(body)
    inner = body
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return body


def mutated(chance: random.Random, body: Body, names: list[str]) -> bytes:
    """A JSON body with one to three values made strange, or known names given with strange values."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        there = list(places(body))
        if there and chance.random() < 0.75:
            body = replaced(body, chance.choice(there), chance.choice(VALUES))
        elif isinstance(body, dict) and names:
            body = body | {chance.choice(names): chance.choice(VALUES)}
        else:
            body = chance.choice(VALUES)
    return json.dumps(body).encode()
