"""Senders, test messages, the demo's inbox and plug-ins, over HTTP."""

from __future__ import annotations

import json
import smtplib
from pathlib import Path

import pytest
from django.test import Client

from ceap.accounts.models import AuditEntry
from ceap.channels import mailbox, sink
from ceap.channels.models import Delivery, Lane, Sender
from ceap.consent.models import Suppression
from ceap.core import plugins
from ceap.kit.clock import now
from ceap.kit.home import Home
from tests import actors
from tests.channels import people, rig
from tests.channels.smtp_server import running

pytestmark = pytest.mark.django_db(transaction=True)
SMTP = {"host": "127.0.0.1", "port": 2525, "security": "none", "username": "shop"}
NEW = {"name": "Shop", "from_name": "Shöp", "from_address": "news@shop.test", "config": {**SMTP, "password": "geheim"}}


@pytest.fixture
def client() -> Client:
    browser = Client()
    browser.force_login(actors.user("Ada"), "allauth.account.auth_backends.AuthenticationBackend")
    return browser


def post(client: Client, path: str, body: object, status: int = 200, method: str = "post") -> dict:
    answer = getattr(client, method)(f"/api/{path}", json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else {}


def test_a_senders_secrets_are_sealed_never_shown_and_kept_when_not_given(client: Client) -> None:
    made = post(client, "channels/senders", NEW, 201)
    assert made["secrets_set"] == ["password"]
    assert made["default"] is True
    row = Sender.objects.get()
    assert b"geheim" not in bytes(row.secrets or b"")
    assert "password" not in row.config
    changed = post(client, f"channels/senders/{made['id']}", {"name": "New", "config": SMTP}, method="patch")
    assert (changed["name"], changed["secrets_set"]) == ("New", ["password"])
    everything = json.dumps([made, changed, client.get(f"/api/channels/senders/{made['id']}").json()])
    assert "geheim" not in everything
    trail = str(list(AuditEntry.objects.values_list("verb", "before", "after")))
    assert "channels.create_sender" in trail
    assert "geheim" not in trail


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from_address": "nobody"}, "from_address"),
        ({"from_address": "a@b.test\r\nBcc: x@y.test"}, "from_address"),
        ({"name": " "}, "name"),
        ({"config": {"host": "h", "port": 99_999}}, "config.port"),
        ({"config": {"host": "h", "colour": "red"}}, "config.colour"),
        ({"provider": "pigeon"}, "provider"),
    ],
)
def test_a_wrong_sender_is_refused_by_field_and_nothing_is_stored(client: Client, change: dict, field: str) -> None:
    problem = post(client, "channels/senders", {**NEW, **change}, 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert not Sender.objects.exists()


def test_only_one_sender_is_the_default(client: Client) -> None:
    first = post(client, "channels/senders", NEW, 201)
    second = post(client, "channels/senders", {**NEW, "name": "Two"}, 201)
    assert (first["default"], second["default"]) == (True, False)
    post(client, f"channels/senders/{second['id']}", {"default": True}, method="patch")
    assert list(Sender.objects.filter(default=True).values_list("name", flat=True)) == ["Two"]


def test_trying_a_connection_says_the_kind_of_failure_and_stores_nothing(client: Client) -> None:
    with running(lambda s, a: "554 5.3.2 Closed today" if s == "connect" else None) as server:
        config = {**SMTP, "port": server.port}
        answer = post(client, "channels/senders/try", {"config": config})
        assert answer["ok"] is False
        assert answer["detail"] == f"127.0.0.1:{server.port}: The server refused the connection (554)."
    with running() as server:
        assert (
            post(client, "channels/senders/try", {"config": {**SMTP, "port": server.port, "username": ""}})["ok"]
            is True
        )
        assert not server.mails
    assert not Sender.objects.exists()


def test_a_sender_with_messages_on_their_way_cannot_be_archived(client: Client) -> None:
    made = post(client, "channels/senders", NEW, 201)
    source = people.plan(people.customers(1), Sender.objects.get())
    post(client, f"channels/senders/{made['id']}/archive", {}, 409)
    from ceap.channels import actions
    from ceap.channels.actions.sweeping import sweep

    actions.cancel_source("campaign", source)
    sweep()
    assert post(client, f"channels/senders/{made['id']}/archive", {})["archived_at"]


def test_saving_a_sender_tries_its_provider_again_at_once(client: Client) -> None:
    made = post(client, "channels/senders", NEW, 201)
    Lane.objects.create(sender_id=made["id"], filled_at=now(), failures=5, open_until=now(), open_reason="no")
    assert client.get(f"/api/channels/senders/{made['id']}").json()["health"]["state"] == "down"
    changed = post(client, f"channels/senders/{made['id']}", {"config": SMTP}, method="patch")
    assert changed["health"]["state"] == "ok"


def test_a_test_message_takes_the_same_path_without_consent_cap_or_touchpoint(client: Client) -> None:
    from ceap.consent.models import CapSlot
    from ceap.events.models import Entry

    (customer,) = people.customers(1, consent=None)
    with running() as server:
        people.smtp_sender(server.port)
        version = people.version(text="Dear {{ customer.full_name }}, {{ track.unsubscribe }}")
        given = {"version_id": str(version.pk), "address": "Tester@Example.test", "customer_id": customer}
        made = post(client, "channels/test", given, 201)
        assert made["message"] == "On its way to tester@example.test."
        with rig.worker():
            rig.wait(lambda: Delivery.objects.get().state == "sent")
        (mail,) = server.mails
    assert mail.recipient == "tester@example.test"
    assert b"Dear Customer 1," in mail.data
    assert client.get(f"/api/channels/test/{made['id']}").json()["message"] == "Sent to tester@example.test."
    assert not CapSlot.objects.exists()
    assert not Entry.objects.filter(name="message_sent").exists()
    assert client.get(f"/api/channels/ledger/{customer}").json()["items"] == []


def test_a_test_message_to_a_suppressed_address_is_refused(client: Client) -> None:
    Suppression.objects.create(channel="email", address="tester@example.test", reason="unsubscribed", at=now())
    with running() as server:
        people.smtp_sender(server.port)
        given = {"version_id": str(people.version().pk), "address": "Tester@example.test"}
        made = post(client, "channels/test", given, 201)
        assert (made["state"], made["reason"]) == ("suppressed", "suppressed")
        assert "suppression list" in made["message"]
        # … also when it is suppressed between the plan and the hand-over
        given["address"] = "later@example.test"
        post(client, "channels/test", given, 201)
        Suppression.objects.create(channel="email", address="later@example.test", reason="manual", at=now())
        with rig.worker():
            rig.wait(lambda: not Delivery.objects.filter(state="planned").exists())
        assert not server.mails


def test_the_ledger_says_why_in_words(client: Client) -> None:
    (customer,) = people.customers(1, consent=None)
    people.plan([customer], people.sender())
    (row,) = client.get(f"/api/channels/ledger/{customer}").json()["items"]
    assert row["state"] == "suppressed"
    assert row["said"] == "The customer has not given consent to be contacted for this purpose."
    assert row["source"] == ""  # planned for no campaign that there is


def test_consent_is_recorded_and_taken_back_over_http(client: Client) -> None:
    (customer,) = people.customers(1, consent=None)
    path = f"consent/customers/{customer}"
    refused = post(client, f"{path}/grant", {"channel": "email", "source": "form", "evidence": {}}, 422)
    assert refused["errors"][0]["field"] == "evidence"
    given = post(client, f"{path}/grant", {"channel": "email", "source": "form", "evidence": {"form": "fair"}})
    assert {s["channel"]: s["allowed"] for s in given["standing"]}["email"] is True
    gone = post(client, f"{path}/withdraw", {"channel": "email"})
    assert {s["channel"]: s["reason"] for s in gone["standing"]}["email"] == "no_consent"
    assert [record["granted"] for record in gone["records"]] == [False, True]
    assert gone["suppressions"][0]["reason"] == "unsubscribed"


def test_an_erased_address_stays_suppressed(client: Client) -> None:
    row = Suppression.objects.create(channel="email", address="e@x.test", purpose="*", reason="erased", at=now())
    post(client, f"consent/suppressions/{row.pk}/lift", {"reason": "please"}, 422)
    assert Suppression.objects.exists()


# The demo's sink and inbox


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = Home(tmp_path, {"sink": True, "sink_port": port})
    monkeypatch.setattr(Home, "load", classmethod(lambda cls, path=None: home))
    sink.keep_running()
    sink.keep_running()
    yield home
    sink.stop()


def test_mails_of_a_demo_arrive_in_its_inbox(demo: Home, client: Client) -> None:
    (customer,) = people.customers(1)
    identity = Sender.objects.get()
    html = "<p onclick='x()'>Hällo <a href='{{ track.click }}/0'>look</a></p><script>alert(1)</script>"
    version = people.version(subject="Grüße, {{ customer.full_name }}", html=html)
    rig.send_all(people.plan([customer], identity, content_version_id=version.pk))
    page = client.get("/api/channels/inbox?search=GRÜSSE".replace("GRÜSSE", "Customer")).json()
    (mail,) = page["items"]
    assert (mail["recipient"], mail["subject"]) == ("c1@example.test", "Grüße, Customer 1")
    found = client.get(f"/api/channels/inbox/{mail['id']}").json()
    assert found["unsubscribe_url"].startswith("http://127.0.0.1:8001/u/")
    assert found["one_click"] is True
    shown = client.get(f"/api/channels/inbox/{mail['id']}/html")
    assert "Hällo" in shown.content.decode()
    policy = shown["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/api/channels/inbox?search=nothing").json()["items"] == []


@pytest.mark.parametrize("login", [None, ("demo", "of another home")])
def test_a_demos_sink_takes_no_mail_of_another_home(demo: Home, login: tuple[str, str] | None) -> None:
    with smtplib.SMTP("127.0.0.1", demo.sink_port, timeout=10) as stranger:
        if login:
            with pytest.raises(smtplib.SMTPAuthenticationError):
                stranger.login(*login)
        with pytest.raises(smtplib.SMTPSenderRefused, match="its own home only"):
            stranger.sendmail("a@other.test", ["b@other.test"], "Subject: Not for you\r\n\r\nHello")
    assert mailbox.Mailbox(demo).count() == 0


def test_senders_of_a_demo_follow_its_sink_to_another_port(demo: Home, client: Client) -> None:
    identity = Sender.objects.get()
    Sender.objects.update(config={"host": "127.0.0.1", "port": 1, "security": "none"}, secrets=None)
    sink.stop()
    sink.keep_running()
    (customer,) = people.customers(1)
    rig.send_all(people.plan([customer], identity, content_version_id=people.version().pk))
    assert [mail.recipient for mail in mailbox.Mailbox(demo).page()] == ["c1@example.test"]


def test_an_installation_that_is_no_demo_has_no_inbox(client: Client) -> None:
    assert client.get("/api/channels/inbox").status_code == 404


# Plug-ins


def test_every_channel_plug_in_keeps_the_contract() -> None:
    found = plugins.registry("channels")
    assert not found.errors
    assert "smtp" in found.plugins
    for plugin in found.plugins.values():
        schema = plugins.schema(plugin.Config)
        assert schema["type"] == "object"
        for name in plugins.secret_fields(plugin.Config):
            assert schema["properties"][name]["writeOnly"] is True


def test_a_file_in_the_homes_folder_is_a_plug_in_and_a_broken_one_harms_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "plugins" / "channels"
    folder.mkdir(parents=True)
    (folder / "paper.py").write_text(
        "from pydantic import BaseModel\n"
        "class Settings(BaseModel):\n    printer: str = 'p1'\n"
        "class Paper:\n    key, label, channel, api_version, Config = 'paper', 'Paper', 'email', 1, Settings\n"
        "    def open(self, config): raise NotImplementedError\n"
        "plugin = Paper()\n"
    )
    (folder / "broken.py").write_text("1/0")
    (folder / "old.py").write_text((folder / "paper.py").read_text().replace("'email', 1,", "'email', 0,"))
    found = plugins.registry("channels", tmp_path)
    assert set(found.plugins) >= {"smtp", "paper"}
    reasons = {Path(where).name: why for where, why in found.errors.items()}
    assert "ZeroDivisionError" in reasons["broken.py"]
    assert "api_version 0" in reasons["old.py"]


def test_a_sender_whose_plug_in_is_gone_waits_and_says_so() -> None:
    sender = people.sender(provider="gone")
    source = people.plan(people.customers(1), sender, content_version_id=people.version().pk)
    with rig.worker():
        rig.wait(lambda: Lane.objects.filter(failures__gt=0).exists())
    assert "gone" in Lane.objects.get().open_reason
    from ceap.channels import queries

    assert "cannot reach its provider" in queries.movement("campaign", source)["blockers"][0]
    assert rig.ended(source) == {"planned": 1}
