"""Stored secrets go to the destination that they were typed for; mail servers are called where that is allowed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pydantic import BaseModel, Field, SecretStr

from ceap.channels.models import Sender
from ceap.channels.providers import provider_of
from ceap.core import outbound
from ceap.core.outbound import Policy, checked_mail_server, connect_mail_server
from ceap.core.plugins import destination, sent_secrets
from ceap.core.ports import ProviderDown
from ceap.kit.home import Home
from ceap.plugins.channels.smtp import Settings, plugin
from tests.actors import user
from tests.channels import rig

pytestmark = pytest.mark.django_db(transaction=True)
SMTP = {"host": "mail.test", "port": 587, "security": "starttls", "username": "shop"}
NEW = {"name": "Shop", "from_name": "Shop", "from_address": "news@shop.test", "config": {**SMTP, "password": "geheim"}}


@pytest.fixture
def client() -> Client:
    made = Client()
    made.force_login(user("Ada"))
    return made


def send(client: Client, path: str, body: Any, method: str = "post") -> tuple[int, dict[str, Any]]:
    answer = getattr(client, method)(f"/api/channels/{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A stranger's server: takes every connection, greets like SSH, and notes what it hears."""
    heard: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n")
                connection.settimeout(1)
                try:
                    heard.append(connection.recv(1000))
                except OSError:
                    heard.append(b"")

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1], heard
    server.close()


@pytest.mark.parametrize(
    "change", [{"host": "evil.test"}, {"port": 25}, {"security": "none"}, {"username": "other"}, {"verify": False}]
)
def test_a_stored_password_goes_to_no_other_destination_by_edit_or_try(client: Client, change: dict[str, Any]) -> None:
    status, made = send(client, "senders", NEW)
    assert status == 201
    before = Sender.objects.values().get()
    for path, body, method in (
        (f"senders/{made['id']}", {"config": {**SMTP, **change}}, "patch"),
        ("senders/try", {"sender_id": made["id"], "config": {**SMTP, **change}}, "post"),
    ):
        status, problem = send(client, path, body, method)
        assert (status, [e["field"] for e in problem["errors"]]) == (422, ["config.password"])
        assert "type this again" in problem["errors"][0]["message"]
    assert Sender.objects.values().get() == before
    given = {**SMTP, **change, "password": "neu"}
    status, changed = send(client, f"senders/{made['id']}", {"config": given}, "patch")
    assert (status, changed["secrets_set"]) == (200, ["password"])
    assert provider_of(Sender.objects.get()).config.password.get_secret_value() == "neu"  # type: ignore[union-attr]


def test_what_is_no_destination_keeps_the_password_and_no_user_needs_none(client: Client) -> None:
    _, made = send(client, "senders", NEW)
    status, changed = send(client, f"senders/{made['id']}", {"config": {**SMTP, "connections": 9}}, "patch")
    assert (status, changed["secrets_set"]) == (200, ["password"])
    status, changed = send(
        client, f"senders/{made['id']}", {"config": {"host": "relay.test", "port": 25, "security": "none"}}, "patch"
    )
    assert (status, changed["secrets_set"]) == (200, [])


def test_a_row_that_was_pointed_elsewhere_gives_its_password_to_nobody(client: Client) -> None:
    send(client, "senders", NEW)
    row = Sender.objects.get()
    row.config = {**row.config, "host": "evil.test"}
    with pytest.raises(ProviderDown, match="for another destination \\(host differ"):
        provider_of(row).open()


def test_a_password_sealed_before_destinations_were_kept_is_bound_all_the_same(client: Client) -> None:
    from ceap.kit.seal import seal

    _, made = send(client, "senders", NEW)
    Sender.objects.update(secrets=seal(Home.load().secret, {"password": "alt"}))
    status, problem = send(client, f"senders/{made['id']}", {"config": {**SMTP, "host": "evil.test"}}, "patch")
    assert (status, problem["errors"][0]["field"]) == (422, "config.password")
    assert send(client, f"senders/{made['id']}", {"config": SMTP}, "patch")[0] == 200
    assert bytes(Sender.objects.get().secrets or b"")[:1] == b"\x02"


def test_a_plugin_that_marks_no_destination_has_every_plain_field_as_one() -> None:
    class Config(BaseModel):
        region: str = "eu"
        account: str = ""
        token: SecretStr = SecretStr("")
        key: SecretStr = Field(SecretStr(""), json_schema_extra={"stays": True})

    assert destination(Config, {"account": "a"}) == {"region": "eu", "account": "a"}
    assert sent_secrets(Config) == ["token"]
    assert sent_secrets(Settings) == ["password"]
    assert list(destination(Settings, {})) == ["host", "port", "security", "username", "verify"]


@pytest.mark.parametrize(
    ("host", "port", "allowed"),
    [
        ("mail.example.org", 587, True), ("93.184.216.34", 25, True), ("mail.example.org", 22, False),
        ("127.0.0.1", 25, False), ("localhost", 25, False), ("10.0.0.5", 587, False), ("0x7f000001", 25, False),
        ("::1", 25, False), ("fec0::1", 25, False), ("169.254.169.254", 25, False),
        ("127.0.0.1", 8025, True), ("127.0.0.1", 8026, False),
    ],
)  # fmt: skip
def test_which_mail_servers_may_be_called(host: str, port: int, allowed: bool) -> None:
    policy = Policy(own=8025)
    if allowed:
        checked_mail_server(host, port, policy)
    else:
        with pytest.raises(outbound.Refused):
            checked_mail_server(host, port, policy)
    checked_mail_server(host, port, Policy(private=True, ports=None))


def test_the_settings_of_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CEAP_OUTBOUND_PRIVATE", "CEAP_OUTBOUND_MAIL_PORTS"):
        monkeypatch.delenv(name)
    base = Home.load().path
    assert Policy.of(Home(base)) == Policy(False, frozenset({25, 465, 587, 2525}), None)
    assert Policy.of(Home(base, {"outbound_mail_ports": "2526, 10025"})).ports == {25, 465, 587, 2525, 2526, 10025}  # type: ignore[comparison-overlap]
    assert Policy.of(Home(base, {"outbound_mail_ports": "any", "outbound_private": True})) == Policy(True, None, None)
    assert Policy.of(Home(base, {"sink": True, "sink_port": 9025})).own == 9025


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lookup(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        name = "127.0.0.1" if len(asked) == 1 else "93.184.216.34"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, 25))]

    dialled: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(outbound, "_literal", lambda host: None)
    monkeypatch.setattr(socket, "create_connection", lambda address, *_: dialled.append(address))
    with pytest.raises(outbound.Refused):  # a public name of a private address
        connect_mail_server("mail.example.org", 25, seconds=1, policy=Policy())
    connect_mail_server("mail.example.org", 25, seconds=1, policy=Policy())
    assert (asked, dialled) == (["mail.example.org"] * 2, [("93.184.216.34", 25)])


def test_try_and_sending_reach_no_private_server_unless_it_is_allowed(
    client: Client, listener: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, heard = listener
    config = {"host": "127.0.0.1", "port": port, "security": "none"}
    monkeypatch.setenv("CEAP_OUTBOUND_PRIVATE", "")
    status, answer = send(client, "senders/try", {"config": config})
    assert (status, answer["ok"], heard) == (200, False, [])
    assert "private network" in answer["detail"]
    with pytest.raises(ProviderDown, match="private network"):  # the sender opens its sessions by the same door
        plugin.open(Settings.model_validate(config))
    monkeypatch.setenv("CEAP_OUTBOUND_PRIVATE", "true")
    monkeypatch.setenv("CEAP_OUTBOUND_MAIL_PORTS", "2526")
    assert (
        "none of mail servers (25, 465, 587, 2525, 2526)"
        in send(client, "senders/try", {"config": config})[1]["detail"]
    )
    assert heard == []
    monkeypatch.setenv("CEAP_OUTBOUND_MAIL_PORTS", "any")
    status, answer = send(client, "senders/try", {"config": config})
    assert answer == {"ok": False, "detail": f"127.0.0.1:{port}: What listens there does not speak SMTP."}
    rig.wait(lambda: len(heard) == 1)
