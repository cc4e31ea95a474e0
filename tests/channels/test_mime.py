"""Messages as octets: read back with the standard library's parser, and nothing breaks out of a header."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceap.core import mime
from ceap.core.ports import Message

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def message(**fields) -> Message:
    given = {
        "key": "tok", "from_name": "Shöp & Söhne", "from_address": "news@shop.test", "to": "ann@example.test",
        "subject": "Grüße", "html": "<p>Hallo</p>", "text": "Hallo", "at": AT, **fields,
    }  # fmt: skip
    return Message(**given)


def read(octets: bytes):
    return email.message_from_bytes(octets, policy=email.policy.default)


def test_a_message_reads_back_as_it_was_meant() -> None:
    got = read(mime.build(message(headers={"List-Unsubscribe": "<https://e.test/u/tok>"}, reply_to="help@shop.test")))
    assert got["Subject"] == "Grüße"
    assert got["From"].addresses[0].display_name == "Shöp & Söhne"
    assert got["Message-ID"] == "<tok@shop.test>"
    assert got["List-Unsubscribe"] == "<https://e.test/u/tok>"
    assert got["Date"].datetime == AT
    assert [p.get_content_type() for p in got.iter_parts()] == ["text/plain", "text/html"]
    assert got.get_body(("plain",)).get_content().strip() == "Hallo"


@given(
    subject=st.text(max_size=300), name=st.text(max_size=80), body=st.text(max_size=2000), header=st.text(max_size=300)
)
def test_no_text_adds_a_header_or_breaks_a_line(subject: str, name: str, body: str, header: str) -> None:
    octets = mime.build(message(subject=subject, from_name=name, text=body, html=body, headers={"X-Note": header}))
    assert octets.isascii()
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    assert b"\n" not in octets.replace(b"\r\n", b"")
    got = read(octets)
    assert set(got.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "X-Note",
    }  # fmt: skip
    expected = body.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = got.get_body(("plain",)).get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
    assert text.rstrip("\n") == expected.encode("utf-8", "replace").decode().rstrip("\n")


@given(st.text(alphabet='abc ÄéЖ中?=_()"\\,;<>@.-', max_size=200))
def test_every_subject_reads_back(subject: str) -> None:
    assert " ".join(str(read(mime.build(message(subject=subject)))["Subject"]).split()) == " ".join(subject.split())


@pytest.mark.parametrize(
    "bad", ["a@b.test\r\nRCPT TO:<evil@x.test>", "a b@x.test", "<a@x.test>", "nobody", "@x.test", "a@"]
)
def test_an_address_that_could_break_out_is_refused(bad: str) -> None:
    with pytest.raises(mime.BadAddress):
        mime.build(message(to=bad))


def test_a_domain_outside_ascii_is_written_in_ascii() -> None:
    assert mime.address("info@bücher.example") == "info@xn--bcher-kva.example"
