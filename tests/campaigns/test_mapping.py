"""The variables of a campaign's template: mapped to fields, checked before the launch, written in every message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import User
from ceap.accounts.queries import actor_of
from ceap.campaigns import actions
from ceap.campaigns.actions import NotLaunchable
from ceap.channels.actions import send_test
from ceap.channels.actions.claiming import claim
from ceap.channels.models import Mapping
from ceap.channels.sending.composing import Ready, compose
from ceap.content.models import Version
from ceap.content.rendering import Renderer
from ceap.customers import actions as customers
from ceap.customers import queries as customer_queries
from ceap.kit.problem import Invalid
from tests.actors import actor, user
from tests.campaigns.setting import draft, fresh, run_planning
from tests.channels import people

pytestmark = [pytest.mark.django_db, pytest.mark.req("S-13")]
LINE = "Dear {{ name }}, {{ 1 }} of {{ customer.city }}"


def template(text: str = LINE, variables: tuple[str, ...] = ("1", "customer.city", "name")) -> Version:
    made: Version = people.version(subject="For {{ name }}", text=text, variables=list(variables))
    made.template.current = made
    made.template.save()
    return made


def said_in(one: Ready) -> str:
    """The first line of a message: the last is its link to unsubscribe."""
    return one.message.text.splitlines()[0].strip()


def ask(who: User, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.generic(method, path, "" if body is None else json.dumps(body), "application/json")
    assert answer.status_code == expect, answer.content
    return answer.json()


def test_every_field_default_and_custom_can_be_mapped_and_is_offered_by_its_name() -> None:
    ada = user("Ada")
    mood = customers.add_field(SYSTEM, "Mood", "text")
    made = draft(actor_of(ada), content_version_id=template("{{ mood }} {{ name }}", ("mood", "name")).pk)
    version = fresh(made.pk).content_version_id
    assert ask(ada, "GET", f"/api/content/versions/{version}/placeholders") == [
        {"name": "mood", "suggestion": f"customer.{mood.key}"}, {"name": "name", "suggestion": "customer.full_name"},
    ]  # fmt: skip
    offered = {one["path"] for one in ask(ada, "GET", "/api/content/variables")}
    assert offered == {f"customer.{field.key}" for field in customer_queries.fields()} | {"customer.first_name"}
    wanted = {f"v{number}": {"path": path} for number, path in enumerate(sorted(offered))}
    out = ask(ada, "PATCH", f"/api/campaigns/{made.pk}", {"version": 1, "mapping": wanted})
    assert out["mapping"] == {name: fill | {"fallback": "", "hidden": False} for name, fill in wanted.items()}


def test_a_template_without_variables_asks_for_no_mapping() -> None:
    ada = user("Ada")
    made = draft(actor_of(ada))
    assert ask(ada, "GET", f"/api/content/versions/{made.content_version_id}/placeholders") == []
    checks = ask(ada, "GET", f"/api/campaigns/{made.pk}/checklist")["checks"]
    assert [check for check in checks if check["key"].startswith("mapping")] == []


def test_an_unmapped_variable_is_named_with_the_remedy_and_nothing_is_launched() -> None:
    me = actor()
    made = draft(
        me, content_version_id=template().pk, mapping={"name": {"path": "customer.full_name", "fallback": "you"}}
    )
    with pytest.raises(NotLaunchable) as refusal:
        actions.launch(me, made.pk, made.version)
    assert [(one.field, one.message) for one in refusal.value.errors] == [
        ("mapping.1", "The variable “1” is not mapped: choose a field for it, or write a fallback that everybody gets.")
    ]
    assert fresh(made.pk).status == "draft"
    actions.update(me, made.pk, 1, mapping={"1": {"path": "", "fallback": "20 % off"}})
    assert actions.launch(me, made.pk, 2).status == "running"


def test_each_message_says_what_is_mapped_or_its_fallback_also_for_a_field_retired_meanwhile() -> None:
    me = actor()
    mood = customers.add_field(SYSTEM, "Mood", "text")
    [ada] = people.customers(1, full_name="Ada Löwe", city="Galle", custom={mood.key: "good"})
    [nobody] = people.customers(1, full_name="", city="")
    identity = people.sender(default=True)
    mapping = {
        "name": {"path": "customer.full_name", "fallback": "friend"},
        "1": {"path": f"customer.{mood.key}", "fallback": "news"},
    }
    made = draft(me, [ada, nobody], content_version_id=template().pk, sender_id=identity.pk, mapping=mapping)
    actions.launch(me, made.pk, made.version)
    run_planning(made.pk)
    assert Mapping.objects.get(source_id=made.pk).fills == mapping
    rows = claim(identity, 10)
    with Renderer(secret="s") as renderer:
        ready, failed = compose(identity, rows, renderer, "http://edge.test")
        said = {one.row.customer: (one.message.subject, said_in(one)) for one in ready}
        assert (failed, said) == ([], {
            ada: ("For Ada Löwe", "Dear Ada Löwe, good of Galle"), nobody: ("For friend", "Dear friend, news of"),
        })  # fmt: skip
        customers.retire_field(SYSTEM, mood.pk)
        again = compose(identity, rows, renderer, "http://edge.test")[0]
    assert {one.row.customer: said_in(one) for one in again}[ada] == "Dear Ada Löwe, news of Galle"


def test_a_delivery_that_nothing_fills_fails_by_name_and_a_test_shows_the_variable() -> None:
    identity, version = people.sender(default=True), template()
    people.plan(people.customers(1), identity, content_version_id=version.pk)
    send_test(actor(), version.pk, "ada@example.test")
    rows = {row.source_kind: row for row in claim(identity, 10)}
    with Renderer(secret="s") as renderer:
        ready, failed = compose(identity, list(rows.values()), renderer, "http://edge.test")
    assert failed == [(rows["campaign"], "template_error", "Nothing fills the variable “1”.")]
    assert [said_in(one) for one in ready] == ["Dear [name], [1] of"]


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({"name": {"path": "customer.never", "fallback": ""}}, "mapping.name"),
        ({"customer": {"path": "", "fallback": "x"}}, "mapping.customer"),
        ({"a.b": {"path": "", "fallback": "x"}}, "mapping.a.b"),
        ({f"v{n}": {"path": "", "fallback": "x"} for n in range(51)}, "mapping"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_its_variable_and_changes_nothing(mapping: Any, field: str) -> None:
    me = actor()
    made = draft(me)
    with pytest.raises(Invalid) as refusal:
        actions.update(me, made.pk, 1, mapping=mapping)
    assert [one.field for one in refusal.value.errors] == [field]
    assert (fresh(made.pk).version, fresh(made.pk).mapping) == (1, {})


def test_a_field_hidden_from_a_role_is_neither_offered_nor_named_and_stays_as_it_was() -> None:
    ada, bob = user("Ada"), user("Bob")
    vault = customers.add_field(SYSTEM, "Vault", "text")
    mapping = {"name": {"path": "customer.vault", "fallback": "you"}}
    made = draft(actor_of(ada), content_version_id=template("{{ name }}", ("name",)).pk, mapping=mapping)
    customers.limit_field(SYSTEM, "vault", [ada.role.key])
    path = f"/api/campaigns/{made.pk}"
    assert ask(bob, "GET", path)["mapping"] == {"name": {"path": "", "fallback": "you", "hidden": True}}
    ask(bob, "PATCH", path, {"version": 1, "mapping": {"name": {"path": None, "fallback": "there"}}})
    assert fresh(made.pk).mapping == {"name": {"path": "customer.vault", "fallback": "there"}}
    refusal = ask(bob, "PATCH", path, {"version": 2, "mapping": {"1": {"path": "customer.vault"}}}, 422)
    assert refusal["errors"][0]["message"] == "There is no field “customer.vault”; choose one of the list."
    copy = actions.duplicate(actor_of(bob), made.pk)
    assert copy.mapping == {"name": {"path": "", "fallback": "there"}}
    uses = customer_queries.uses(actor_of(ada), "vault")
    assert [(use.kind, use.name, use.breaks) for use in uses] == [("campaign", "Spring", False)]
    customers.retire_field(SYSTEM, vault.pk)
    assert "vault" not in str(ask(bob, "GET", path)) + str(ask(bob, "GET", f"{path}/checklist"))
    [check] = [one for one in ask(ada, "GET", f"{path}/checklist")["checks"] if one["key"] == "mapping.name"]
    assert (check["level"], check["message"]) == (
        "error", "The variable “name” is mapped to a field that is not there any more; choose another one.",
    )  # fmt: skip
