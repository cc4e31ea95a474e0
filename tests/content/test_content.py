"""Templates through the API: saved as immutable versions, by those who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from ceap.accounts.contracts import Level
from ceap.accounts.models import AuditEntry, User
from ceap.content import queries
from ceap.content.models import Template, Version
from ceap.customers.models import Customer
from ceap.kit.clock import now
from tests.actors import user

pytestmark = pytest.mark.django_db
API = "/api/content"


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def ada(db: None) -> Client:
    return signed_in(user("Ada"))


def post(client: Client, path: str, body: dict[str, Any] | None = None, status: int = 201) -> Any:
    answer = client.post(f"{API}{path}", body or {}, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def made(client: Client, starter: str = "welcome") -> dict[str, Any]:
    return post(client, "/templates", {"name": "My mail", "starter": starter})


def edited(template: dict[str, Any], **changes: Any) -> dict[str, Any]:
    current = template["current"]
    body = {
        "base": current["number"],
        "subject": current["subject"],
        "preheader": current["preheader"],
        "source": current["source"],
    }
    return body | changes


def test_a_template_begins_from_a_starter_with_version_1(ada: Client) -> None:
    template = made(ada)
    assert (template["number"], template["purpose"], template["may_manage"]) == (1, "marketing", True)
    assert template["current"]["variables"] == ["customer.first_name"]
    listed = ada.get(f"{API}/templates?search=my").json()
    assert [row["id"] for row in listed["items"]] == [template["id"]]
    assert AuditEntry.objects.filter(verb="content.create").count() == 1


def test_saving_makes_a_new_version_and_leaves_the_old_one_as_it_was(ada: Client) -> None:
    template = made(ada)
    first = Version.objects.get(pk=template["current"]["id"])
    saved = post(ada, f"/templates/{template['id']}/versions", edited(template, subject="Changed"))
    assert saved["number"] == 2
    again = Version.objects.get(pk=first.pk)
    assert (again.subject, again.html, again.text, again.source) == (
        first.subject,
        first.html,
        first.text,
        first.source,
    )
    assert queries.compiled(first.pk).subject == first.subject
    assert queries.compiled(saved["id"]).subject == "Changed"


def test_saving_the_same_twice_changes_nothing(ada: Client) -> None:
    template = made(ada)
    body = edited(template, subject="Changed")
    one = post(ada, f"/templates/{template['id']}/versions", body)
    two = post(ada, f"/templates/{template['id']}/versions", body)
    assert one["id"] == two["id"]
    assert Version.objects.count() == 2


def test_saving_over_somebody_elses_version_is_refused_and_changes_nothing(ada: Client) -> None:
    template = made(ada)
    post(ada, f"/templates/{template['id']}/versions", edited(template, subject="Theirs"))
    refusal = post(ada, f"/templates/{template['id']}/versions", edited(template, subject="Mine"), 409)
    assert refusal["number"] == 2
    assert Version.objects.count() == 2


def test_restoring_makes_a_new_version_like_the_old_one(ada: Client) -> None:
    template = made(ada)
    post(ada, f"/templates/{template['id']}/versions", edited(template, subject="Changed"))
    restored = post(ada, f"/templates/{template['id']}/versions/1/restore")
    assert (restored["number"], restored["restored_from"]) == (3, 1)
    assert restored["source"] == template["current"]["source"]
    rows = ada.get(f"{API}/templates/{template['id']}/versions").json()
    assert [row["number"] for row in rows] == [3, 2, 1]


def test_a_fault_is_refused_by_block_and_nothing_is_saved(ada: Client) -> None:
    template = made(ada)
    source = template["current"]["source"]
    source["blocks"][1] = {"id": "x", "type": "heading", "text": "{{ customer.ful_name }}"}
    refusal = post(ada, f"/templates/{template['id']}/versions", edited(template, source=source), 422)
    assert refusal["errors"] == [
        {
            "field": "source.blocks.1.text",
            "message": "Block 2 (Heading): There is no variable customer.ful_name. Did you mean customer.full_name?",
        }
    ]
    assert Version.objects.count() == 1


def test_a_template_that_would_never_end_is_refused_when_it_is_saved(ada: Client) -> None:
    template = made(ada)
    source = template["current"]["source"]
    source["blocks"][1] = {"id": "x", "type": "heading", "text": "{{ (1..30000000) | join: ',' | size }}"}
    refusal = post(ada, f"/templates/{template['id']}/versions", edited(template, source=source), 422)
    assert refusal["detail"].startswith("This template cannot be rendered")
    assert Version.objects.count() == 1


def test_code_does_not_go_back_to_blocks(ada: Client) -> None:
    template = made(ada)
    seen = post(ada, "/preview", {"subject": "s", "source": template["current"]["source"]}, 200)
    saved = post(
        ada, f"/templates/{template['id']}/versions", edited(template, source={"mode": "code", "mjml": seen["mjml"]})
    )
    assert saved["source"]["mode"] == "code"
    post(ada, f"/templates/{template['id']}/versions", edited(template, base=2), 409)


def test_a_preview_shows_a_real_customer_and_what_is_missing(ada: Client) -> None:
    customer = Customer.objects.create(full_name="Ann <b>Silva</b>", created_at=now(), updated_at=now())
    source = {"blocks": [{"id": "1", "type": "heading", "text": "{{ customer.full_name }} {{ customer.city }}"}]}
    seen = post(
        ada, "/preview",
        {"subject": "Hi {{ customer.first_name }}", "source": {"mode": "blocks", **source}, "customer": customer.pk,
         "purpose": "transactional"}, 200,
    )  # fmt: skip
    assert seen["subject"] == "Hi Ann"
    assert "Ann &lt;b&gt;Silva&lt;/b&gt; <mark" in seen["html"]
    assert seen["missing"] == ["customer.city"]


def test_archived_templates_leave_the_list_and_cannot_be_changed(ada: Client) -> None:
    template = made(ada)
    post(ada, f"/templates/{template['id']}/archive", status=200)
    assert ada.get(f"{API}/templates").json()["items"] == []
    assert len(ada.get(f"{API}/templates?archived=true").json()["items"]) == 1
    post(ada, f"/templates/{template['id']}/versions", edited(template, subject="x"), 409)
    post(ada, f"/templates/{template['id']}/unarchive", status=200)
    post(ada, f"/templates/{template['id']}/versions", edited(template, subject="x"))


def test_paging_meets_every_template_once(ada: Client) -> None:
    ids = {post(ada, "/templates", {"name": f"T{n}"})["id"] for n in range(7)}
    seen, cursor = [], ""
    while cursor is not None:
        answer = ada.get(f"{API}/templates?limit=3&cursor={cursor}").json()
        seen += [row["id"] for row in answer["items"]]
        cursor = answer["next"]
    assert len(seen) == 7
    assert set(seen) == ids


def test_with_owned_only_others_templates_do_not_exist(ada: Client) -> None:
    theirs = made(ada)
    eve = signed_in(user("Eve", level=Level.OWNED, content_view=Level.OWNED, content_manage=Level.OWNED))
    assert eve.get(f"{API}/templates/{theirs['id']}").status_code == 404
    assert eve.get(f"{API}/versions/{theirs['current']['id']}").status_code == 404
    assert eve.get(f"{API}/templates").json()["items"] == []
    post(eve, f"/templates/{theirs['id']}/versions", edited(theirs, subject="x"), 404)
    mine = made(eve)
    post(eve, f"/templates/{mine['id']}/versions", edited(mine, subject="mine"))


def test_seeing_all_but_managing_own_refuses_changes_and_changes_nothing(ada: Client) -> None:
    theirs = made(ada)
    eve = signed_in(user("Eve", content_manage=Level.OWNED))
    before = (Template.objects.values().get(), Version.objects.count(), AuditEntry.objects.count())
    for path, body in (
        (f"/templates/{theirs['id']}/versions", edited(theirs, subject="x")),
        (f"/templates/{theirs['id']}/versions/1/restore", {}),
        (f"/templates/{theirs['id']}/archive", {}),
    ):
        post(eve, path, body, 403)
    assert (
        eve.patch(f"{API}/templates/{theirs['id']}", {"name": "x"}, content_type="application/json").status_code == 403
    )
    assert (Template.objects.values().get(), Version.objects.count(), AuditEntry.objects.count()) == before
    assert post(eve, f"/templates/{theirs['id']}/duplicate")["name"] == "Copy of My mail"


def test_without_the_permission_nothing_is_seen_or_made(db: None) -> None:
    eve = signed_in(user("Eve", content_view=Level.DISABLED, content_manage=Level.DISABLED))
    assert eve.get(f"{API}/starters").status_code == 403
    assert eve.get(f"{API}/templates").status_code == 403
    post(eve, "/templates", {"name": "x"}, 403)
    post(eve, "/preview", {"subject": "s", "source": {"mode": "code", "mjml": "<mjml/>"}}, 403)
    assert Template.objects.count() == 0


def test_the_preview_of_a_customer_one_may_not_see_is_refused(ada: Client) -> None:
    customer = Customer.objects.create(full_name="Ann", created_at=now(), updated_at=now())
    eve = signed_in(user("Eve", customers_view=Level.OWNED))
    source = {"mode": "blocks", "blocks": [{"id": "1", "type": "heading", "text": "x"}]}
    post(eve, "/preview", {"subject": "s", "source": source, "customer": customer.pk, "purpose": "transactional"}, 404)


def test_the_gallery_shows_every_starter(ada: Client) -> None:
    rows = ada.get(f"{API}/starters").json()
    assert len(rows) == 10
    assert all("<html" in row["html"] for row in rows)
