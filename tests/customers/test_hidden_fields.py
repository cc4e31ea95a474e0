"""A field that a role may not see appears nowhere for that role, and cannot be used to find anything out."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from ceap.accounts.actions import verify_chain
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import User
from ceap.campaigns import actions as campaigns
from ceap.channels.models import Delivery
from ceap.connectors import actions as imports
from ceap.consent.models import Suppression
from ceap.content.models import Template
from ceap.customers import actions, queries
from ceap.customers.models import Customer, CustomField, Identity
from ceap.kit.clock import now
from ceap.kit.problem import Invalid, NotFound
from ceap.reports.models import Report
from ceap.segments import actions as segments
from tests import actors
from tests.channels.people import plan, sender, version
from tests.segments.people import Browser, on, rule

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-15")]
SECRET = "Zanzibar"


@pytest.fixture
def ada() -> User:
    return actors.user("Ada")


@pytest.fixture
def bob() -> User:
    return actors.user("Bob")


def ask(user: User, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
    sent = json.dumps(body) if body is not None else ""
    answer = Browser(user).generic(method, path, sent, "application/json")
    assert answer.status_code == expect, (answer.status_code, answer.content)
    return answer.json()


@pytest.fixture
def customer(ada: User, bob: User) -> int:
    """A customer with a secret in a custom field, in the city and in the email; all hidden from Bob's role."""
    actions.add_field(SYSTEM, "Vault", "text")
    row = actions.create(
        SYSTEM, {"full_name": "Ann", "city": SECRET, "email": "ann@zanzibar.test", "vault": SECRET}
    )  # fmt: skip
    for key in ("vault", "city", "email"):
        actions.limit_field(SYSTEM, key, [ada.role.key])
    return row.pk


READS = (
    "/api/customers", "/api/customers/{}", "/api/customers/fields", "/api/segments/menu", "/api/customers/{}/data.json",
)  # fmt: skip


@pytest.mark.parametrize("path", READS)
def test_a_hidden_field_is_in_no_answer(path: str, customer: int, ada: User, bob: User) -> None:
    said = str(ask(bob, "GET", path.format(customer))).lower()
    assert "zanzibar" not in said
    assert "vault" not in said


FILTERS = (
    "/api/customers?city=Zanzibar", "/api/customers?reachable=email", "/api/customers?columns=city",
    "/api/customers/suggestions?field=city", "/api/customers/resolve?kind=email&value=ann@zanzibar.test",
    "/api/consent/suppressions?search=zanzi",
)  # fmt: skip


@pytest.mark.parametrize("path", FILTERS)
def test_using_a_hidden_field_is_refused_and_names_it(path: str, customer: int, ada: User, bob: User) -> None:
    refused = ask(bob, "GET", path, expect=403)
    assert refused["detail"].startswith("Your role may not see the field “")
    ask(ada, "GET", path)


@pytest.mark.parametrize("path", ["/api/customers?columns={}", "/api/customers/suggestions?field={}"])
def test_a_hidden_custom_field_is_refused_like_one_that_there_never_was(path: str, customer: int, bob: User) -> None:
    hidden = ask(bob, "GET", path.format("vault"), expect=422)
    never = ask(bob, "GET", path.format("never"), expect=422)
    assert str(hidden).replace("vault", "never") == str(never)


def test_a_search_finds_nobody_by_what_is_hidden(customer: int, ada: User, bob: User) -> None:
    assert [one["id"] for one in ask(ada, "GET", "/api/customers?search=zanz")["items"]] == [customer]
    assert ask(bob, "GET", "/api/customers?search=zanz")["items"] == []
    actions.create(SYSTEM, {"full_name": "Zanzi Bar"})
    assert len(ask(bob, "GET", "/api/customers?search=zanz")["items"]) == 1


@pytest.mark.parametrize("path", ["/preview", "/sentence", "/waterfall", "/why"])
def test_no_rule_is_tried_on_a_hidden_field(path: str, customer: int, ada: User, bob: User) -> None:
    body = {"rule": rule(on("c_vault", "is", SECRET)), "customer": customer}
    refused = ask(bob, "POST", f"/api/segments{path}", body, expect=422)
    assert refused["errors"][0]["field"] == "groups.0.conditions.0.field"
    assert "c_vault" in refused["errors"][0]["message"]
    ask(ada, "POST", f"/api/segments{path}", body)
    never = body | {"rule": rule(on("c_never", "is", SECRET))}
    assert str(ask(bob, "POST", f"/api/segments{path}", never, expect=422)) == str(refused).replace("vault", "never")


def test_a_rule_on_a_hidden_field_is_not_saved(customer: int, ada: User, bob: User) -> None:
    body = {"name": "Mine", "rule": rule(on("city", "is", SECRET))}
    ask(bob, "POST", "/api/segments", body, expect=422)
    made = ask(ada, "POST", "/api/segments", body, expect=201)
    change = {"name": "Other", "description": "", "rule": rule(on("full_name", "is", "Ann"))}
    refused = ask(bob, "PUT", f"/api/segments/{made['id']}", change, expect=403)
    assert refused["detail"].startswith("This rule uses a field that your role may not see")
    assert ask(ada, "GET", f"/api/segments/{made['id']}")["name"] == "Mine"


def test_a_segment_on_a_hidden_field_still_has_members_but_tells_no_rule(customer: int, ada: User, bob: User) -> None:
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    segments.build_pending()
    seen = ask(bob, "GET", f"/api/segments/{made.pk}")
    assert (seen["size"], seen["rule"]["groups"], seen["allowed"]["edit"]) == (1, [], False)
    assert set(seen["allowed"]["reasons"]) == {"edit", "duplicate"}
    assert ask(bob, "POST", f"/api/segments/{made.pk}/duplicate", expect=403)["detail"] == seen["sentence"]
    assert seen["sentence"].startswith("This rule uses a field that your role may not see")
    listed = ask(bob, "GET", f"/api/segments/{made.pk}/members")
    assert [one["name"] for one in listed["items"]] == ["Ann"]
    assert "zanzibar" not in str((seen, listed)).lower()
    assert SECRET in ask(ada, "GET", f"/api/segments/{made.pk}")["sentence"]
    why = ask(bob, "GET", f"/api/segments/{made.pk}/customers/{customer}", expect=403)
    assert "vault" not in str(why)
    assert SECRET in str(ask(ada, "GET", f"/api/segments/{made.pk}/customers/{customer}"))


def test_why_a_calculation_failed_names_no_hidden_field(customer: int, ada: User, bob: User) -> None:
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    actions.retire_field(SYSTEM, CustomField.objects.get(key="vault").pk)
    segments.build_pending()
    for path in ("/api/segments", f"/api/segments/{made.pk}", f"/api/segments/{made.pk}/versions"):
        assert "vault" in str(ask(ada, "GET", path))
        assert "vault" not in str(ask(bob, "GET", path))


def test_what_a_campaign_says_of_its_segment_names_no_hidden_field(customer: int, bob: User) -> None:
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    row = campaigns.create(SYSTEM, name="Spring", segment_id=made.pk)
    actions.retire_field(SYSTEM, CustomField.objects.get(key="vault").pk)
    segments.build_pending()
    checks = ask(bob, "GET", f"/api/campaigns/{row.pk}/checklist")["checks"]
    assert {one["key"]: one["message"] for one in checks}["segment"] == (
        "The last recalculation of this segment failed: the page of “Secretive” says why."
    )
    row.status, row.sender_id = "scheduled", sender().pk
    row.starts_at = now()
    row.save()
    campaigns.tick()
    held = ask(bob, "GET", f"/api/campaigns/{row.pk}")
    assert (held["status"], held["status_reason"]) == ("paused", checks[1]["message"])


def test_history_and_charts_of_a_segment_tell_nothing_that_is_hidden(customer: int, ada: User, bob: User) -> None:
    actions.limit_field(SYSTEM, "source", [ada.role.key])
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    segments.build_pending()
    history = ask(bob, "GET", f"/api/segments/{made.pk}/history")
    assert "zanzibar" not in str(history).lower()
    assert SECRET in str(ask(ada, "GET", f"/api/segments/{made.pk}/history"))
    assert ask(bob, "GET", f"/api/segments/{made.pk}/performance")["source"] == []
    assert ask(ada, "GET", f"/api/segments/{made.pk}/performance")["source"] != []


def test_what_is_hidden_is_neither_written_nor_managed(customer: int, bob: User) -> None:
    with pytest.raises(Invalid):
        actions.update(queries_actor(bob), customer, {"vault": "x"})
    with pytest.raises(NotFound):
        actions.limit_field(queries_actor(bob), "vault", [])
    assert queries.contexts([customer], seen_by=queries_actor(bob))[customer]["customer"].get("vault") is None


def queries_actor(user: User) -> Any:
    from ceap.accounts.queries import actor_of

    return actor_of(user)


def test_nobody_hides_a_field_from_the_own_role_or_hides_names(ada: User, bob: User) -> None:
    with pytest.raises(Invalid):
        actions.limit_field(queries_actor(ada), "city", [bob.role.key])
    with pytest.raises(Invalid):
        actions.limit_field(SYSTEM, "full_name", [ada.role.key])
    assert queries.access() == {}


@pytest.mark.req("S-2")
def test_suggestions_of_a_hidden_field_do_not_exist(customer: int, ada: User, bob: User) -> None:
    ask(bob, "GET", "/api/segments/suggestions?on=c_vault", expect=422)
    assert [one["value"] for one in ask(ada, "GET", "/api/segments/suggestions?on=c_vault")] == [SECRET]


def test_a_field_says_which_segments_use_it(customer: int, ada: User) -> None:
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    found = ask(ada, "GET", "/api/customers/fields/vault/uses")
    assert [(one["kind"], one["name"], one["path"]) for one in found] == [
        ("segment", "Secretive", f"/segments/{made.pk}")
    ]


def test_what_was_done_is_shown_without_what_is_hidden(customer: int, ada: User, bob: User) -> None:
    actions.update(SYSTEM, customer, {"vault": "Zanzibar 2", "job_title": "Pilot"})
    segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    said = ask(bob, "GET", "/api/audit")["items"]
    assert "zanzibar" not in str(said).lower()
    assert "vault" not in str(said).lower()
    assert "Pilot" in str(said)
    assert "Zanzibar 2" in str(ask(ada, "GET", "/api/audit"))
    assert verify_chain().ok


def test_an_import_neither_offers_nor_takes_a_hidden_field(customer: int, ada: User, bob: User) -> None:
    me = queries_actor(bob)
    row = imports.upload(me, "customers", "f.csv", [b"customer_id,vault,email\n7,Zanzibar,a@zanzibar.test\n"])
    preview = ask(bob, "GET", f"/api/connectors/imports/{row.pk}/preview")
    assert {"vault", "email", "city"}.isdisjoint(field["key"] for field in preview["fields"])
    assert [column["field"] for column in preview["columns"]] == ["customer_id", "", ""]
    for key in ("vault", "email", "never"):
        mapping = {"customer_id": "customer_id", "vault": key}
        refused = ask(bob, "POST", f"/api/connectors/imports/{row.pk}/start", {"mapping": mapping, "options": {}}, 422)
        assert refused["errors"][0]["message"] == f"There is no field “{key}”."
    by_email = {"mapping": {"customer_id": "customer_id"}, "options": {"match": ["email"]}}
    ask(bob, "POST", f"/api/connectors/imports/{row.pk}/check", by_email, expect=403)
    with pytest.raises(Invalid):
        actions.upsert_many(me, pa.table({"customer_id": ["7"], "vault": ["x"]}))
    assert not Customer.objects.filter(customer_id="7").exists()


def test_files_and_receipts_of_imports_are_closed_to_who_may_not_see_all_of_them(customer: int, bob: User) -> None:
    row = imports.upload(SYSTEM, "customers", "f.csv", [b"customer_id,vault\n7,Zanzibar\n"])
    for part in ("preview", "findings", "receipt.csv"):
        refused = ask(bob, "GET", f"/api/connectors/imports/{row.pk}/{part}", expect=403)
        assert "zanzibar" not in str(refused).lower()


def test_the_ledger_names_no_hidden_address(customer: int, ada: User, bob: User) -> None:
    plan([customer], sender())
    Delivery.objects.update(address="ann@zanzibar.test", detail="550 no mailbox ann@zanzibar.test")
    Suppression.objects.create(channel="email", address="ann@zanzibar.test", reason="manual", at=now())
    for path in (f"/api/channels/ledger/{customer}", f"/api/consent/customers/{customer}", "/api/consent/suppressions"):
        assert "zanzibar" in str(ask(ada, "GET", path))
        assert "zanzibar" not in str(ask(bob, "GET", path))


def test_hidden_consent_is_neither_read_nor_written(customer: int, ada: User, bob: User) -> None:
    actions.limit_field(SYSTEM, "marketing_opt_in", [ada.role.key])
    body = {"channel": "*", "source": "form", "evidence": {"form": "paper"}}
    ask(bob, "GET", f"/api/consent/customers/{customer}", expect=403)
    ask(bob, "POST", f"/api/consent/customers/{customer}/grant", body, expect=403)
    assert Customer.objects.get(pk=customer).marketing_opt_in is None
    ask(ada, "POST", f"/api/consent/customers/{customer}/grant", body)


def test_usernames_are_hidden_as_identities_too(customer: int, ada: User, bob: User) -> None:
    ask(ada, "POST", f"/api/customers/{customer}/identities", {"kind": "username", "value": "zanzi"}, expect=201)
    actions.limit_field(SYSTEM, "usernames", [ada.role.key])
    path = "/api/customers/resolve?kind=username&value=zanzi"
    assert ask(ada, "GET", path)["id"] == customer
    ask(bob, "GET", path, expect=403)
    assert "zanzi" not in str(ask(bob, "GET", f"/api/customers/{customer}"))


def test_no_identity_is_tried_on_a_hidden_field(customer: int, bob: User) -> None:
    other = actions.create(SYSTEM, {"full_name": "Other"})
    body = {"kind": "email", "value": "ann@zanzibar.test"}
    ask(bob, "POST", f"/api/customers/{other.pk}/identities", body, expect=403)
    shown = Identity.objects.get(customer=customer, kind="email")
    ask(bob, "DELETE", f"/api/customers/{customer}/identities/{shown.pk}", expect=404)


def test_a_test_message_does_not_tell_what_is_hidden(customer: int, ada: User, bob: User) -> None:
    sender()
    content = version(bob, text="Dear {{ customer.vault }}", variables=["customer.vault"])
    body = {"version_id": str(content.pk), "address": "bob@example.test", "customer_id": customer}
    ask(bob, "POST", "/api/channels/test", body, expect=403)
    assert not Delivery.objects.exists()
    ask(bob, "POST", "/api/channels/test", body | {"customer_id": None}, expect=201)


def test_a_report_that_another_role_made_is_closed(customer: int, ada: User, bob: User) -> None:
    made = segments.create(SYSTEM, name="Secretive", description="", rule=rule(on("c_vault", "is", SECRET)))
    fields = {"subject_id": made.pk, "name": "Secretive", "format": "pdf", "state": "done", "number": 1}
    row = Report.objects.create(subject_kind="segment", created_by=ada, file="x.pdf", created_at=now(), **fields)
    assert ask(bob, "GET", f"/api/reports/{row.pk}/file", expect=403)["detail"].startswith("Somebody else made it")
    ask(ada, "GET", f"/api/reports/{row.pk}/file", expect=404)


def test_a_shared_view_that_reads_a_hidden_field_is_not_offered(customer: int, ada: User, bob: User) -> None:
    for name, query in (("Secretive", {"city": [SECRET]}), ("Plain", {"source": ["Web"]})):
        actions.save_view(queries_actor(ada), "/customers", name, query, shared=True)
    assert [view["name"] for view in ask(bob, "GET", "/api/customers/views")] == ["Plain"]
    assert len(ask(ada, "GET", "/api/customers/views")) == 2


def test_a_field_says_which_templates_use_it(customer: int, ada: User) -> None:
    content = version(ada, variables=["customer.vault"])
    Template.objects.update(current=content)
    assert ask(ada, "GET", "/api/customers/fields/vault/uses") == [
        {"kind": "template", "name": "T", "path": f"/content/{content.template_id}", "breaks": False}
    ]
