"""A campaign sends marketing: never a service email, and never a message without a link to unsubscribe."""

from __future__ import annotations

from typing import Any

import pytest

from ceap.accounts.models import AuditEntry
from ceap.accounts.queries import actor_of
from ceap.campaigns import actions, queries, rules
from ceap.campaigns.contracts import Status
from ceap.campaigns.models import Campaign
from ceap.campaigns.queries import checking
from ceap.channels.models import Delivery, Sender
from ceap.channels.sending.composing import compose
from ceap.content import actions as content
from ceap.content.models import Template
from ceap.content.rendering import Renderer
from ceap.kit.clock import now
from ceap.kit.problem import Invalid
from tests.actors import actor, user
from tests.campaigns.setting import draft, email, fresh, launched
from tests.campaigns.test_mapping import ask
from tests.campaigns.test_states import LATER
from tests.channels import people

pytestmark = [pytest.mark.django_db, pytest.mark.req("C-1")]
SAID = (
    "“Receipt” is a service email: it has no link to unsubscribe, and a campaign sends marketing. "
    "Choose a marketing email."
)


def service() -> Any:
    version = email("Receipt")
    Template.objects.filter(pk=version.template_id).update(purpose="transactional")
    return version


def test_choosing_a_service_email_is_refused_with_the_field_and_the_remedy() -> None:
    ada = user("Ada")
    made = draft(actor_of(ada))
    for method, path, body in (
        ("POST", "/api/campaigns", {"name": "Spring", "content_version_id": str(service().pk)}),
        ("PATCH", f"/api/campaigns/{made.pk}", {"version": 1, "content_version_id": str(service().pk)}),
    ):
        before = list(Campaign.objects.values()), AuditEntry.objects.count()
        problem = ask(ada, method, path, body, 422)
        assert problem["errors"] == [{"field": "content_version_id", "message": SAID}]
        assert (list(Campaign.objects.values()), AuditEntry.objects.count()) == before


def test_an_email_that_became_a_service_email_stops_the_launch_and_the_checklist_says_why() -> None:
    me, version = actor(), email("Receipt")
    made = draft(me, content_version_id=version.pk)
    facts = queries.facts(made)
    Template.objects.filter(pk=version.template_id).update(purpose="transactional")
    (line,) = [one for one in rules.checklist(queries.facts(queries.get(me, made.pk))) if one.key == "content"]
    assert (line.level, line.message, line.step) == ("error", SAID, "message")
    with pytest.raises(actions.NotLaunchable, match="Receipt"):
        actions.launch(me, made.pk, 1)
    assert (fresh(made.pk).status, Delivery.objects.count()) == (Status.DRAFT, 0)
    assert facts.content_purpose == "marketing", "what was looked up before the change is not trusted:"


def test_a_change_between_the_check_and_the_launch_is_seen_under_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    me, version = actor(), email("Receipt")
    made = draft(me, content_version_id=version.pk)
    looked = queries.facts(queries.get(me, made.pk))
    monkeypatch.setattr(queries, "facts", lambda *_: looked)
    Template.objects.filter(pk=version.template_id).update(purpose="transactional")
    with pytest.raises(actions.NotLaunchable) as refusal:
        actions.launch(me, made.pk, 1)
    assert [(one.field, one.message) for one in refusal.value.errors] == [("content", SAID)]
    assert fresh(made.pk).status == Status.DRAFT


def test_a_scheduled_campaign_is_held_when_its_email_became_a_service_email() -> None:
    version = email("Receipt")
    made = launched(actor(), plan=False, schedule=LATER, content_version_id=version.pk)
    Template.objects.filter(pk=version.template_id).update(purpose="transactional")
    Campaign.objects.update(starts_at=now())
    actions.tick()
    row = fresh(made.pk)
    assert (row.status, row.status_reason, Delivery.objects.count()) == (Status.PAUSED, SAID, 0)


def test_a_copy_of_a_campaign_with_a_service_email_starts_without_it() -> None:
    me, version = actor(), email("Receipt")
    made = draft(me, content_version_id=version.pk)
    Template.objects.filter(pk=version.template_id).update(purpose="transactional")
    assert actions.duplicate(me, made.pk).content_version_id is None


@pytest.mark.parametrize(
    ("html", "text", "part"),
    [
        ("<p>Hello</p>", "Hello {{ track.unsubscribe }}", "HTML"),
        ("<a href='{{ track.unsubscribe }}'>No more</a>", "Hello", "plain text"),
        (
            "{% if customer.city %}<a href='{{ track.unsubscribe }}'>No more</a>{% endif %}x",
            "{{ track.unsubscribe }}",
            "HTML",
        ),
        ("<a href='{{ track.unsubscribe }}'>No more</a>", "{{ track.unsubscribe }}", ""),
    ],
)
def test_no_marketing_message_without_a_link_to_unsubscribe_is_made(
    html: str, text: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "trial", lambda *_: None)  # which would refuse the launch
    version = people.version(html=html, text=text, unsubscribe=False)
    launched(actor(), people.customers(1), content_version_id=version.pk)
    row, sender = Delivery.objects.get(), Sender.objects.get()
    with Renderer(secret="s") as renderer:
        ready, failed = compose(sender, [claimed(row)], renderer, "https://edge.test")
    assert [(reason, detail) for _, reason, detail in failed] == (
        [("template_no_unsubscribe", f"The {part} has no link to unsubscribe, without which no marketing leaves.")]
        if part
        else []
    )
    assert len(ready) == (not part)


def test_a_service_message_needs_no_link_to_unsubscribe() -> None:
    version = people.version(unsubscribe=False)
    people.plan(people.customers(1), people.sender(), content_version_id=version.pk, purpose="transactional")
    with Renderer(secret="s") as renderer:
        ready, failed = compose(Sender.objects.get(), [claimed(Delivery.objects.get())], renderer, "https://edge.test")
    assert (len(ready), failed) == (1, [])


def claimed(row: Delivery) -> Any:
    from ceap.channels.actions.claiming import Claimed

    return Claimed(
        row.pk, row.step, row.customer_id, row.channel, row.purpose, str(row.content_version_id), row.address,
        row.token, 0, None, "lease", row.source_kind, str(row.source_id),
    )  # fmt: skip


def test_a_service_starter_makes_no_marketing_email_without_a_link_to_unsubscribe() -> None:
    before = Template.objects.count()
    with pytest.raises(Invalid, match="needs a way to unsubscribe"):
        content.create(actor(), name="Receipt", starter_key="receipt", purpose="marketing")
    assert Template.objects.count() == before
    assert content.create(actor("Bo"), name="Receipt", starter_key="receipt").purpose == "transactional"
