"""Rows for `tests/permissions_table.py`: each maker makes one for an owner, where the kind of row has one, and returns
the values that its path and body are filled in with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ceap.accounts.models import User
from ceap.kit.clock import now
from ceap.kit.ids import uuid7

Values = dict[str, Any]
NOWHERE = {"host": "127.0.0.1", "port": 9, "security": "none", "timeout": 1}
WEBHOOK = {"url": "https://example.org/hook", "events": ["segment.entered"]}


def _job(owner: User) -> Values:
    from ceap.jobs.models import Job

    return {"job_id": Job.objects.create(kind="test", created_by=owner, created_at=now()).pk}


def _user(owner: User) -> Values:
    from ceap.accounts.models import Role

    analyst = Role.objects.get(key="analyst")
    number = User.objects.count()
    made = User.objects.create(email=f"u{number}@example.test", name=f"U{number}", role=analyst, created_at=now())
    return {"user_id": made.pk}


def _role(owner: User) -> Values:
    from ceap.accounts.models import Role

    number = Role.objects.count()
    return {"role_id": Role.objects.create(key=f"r{number}", name=f"R{number}", grants={"catalog_view": "all"}).pk}


def _key(owner: User) -> Values:
    from ceap.accounts.models import ApiKey

    number = ApiKey.objects.count()
    made = ApiKey.objects.create(name="k", kind="server", prefix="p", digest=f"d{number}", created_at=now())
    return {"key_id": made.pk}


def _acquaintance(owner: User) -> Values:
    from ceap.customers.models import Customer

    return {"customer_id": Customer.objects.create(owner=owner, created_at=now(), updated_at=now()).pk}


def _item(owner: User) -> Values:
    from ceap.catalog.models import Item

    return {"item_id": Item.objects.create(kind="product", key=f"k{owner.pk}-{Item.objects.count()}", name="Lamp").pk}


def _template(owner: User) -> Values:
    from ceap.accounts.contracts import PERMISSIONS, Actor, Level
    from ceap.content import actions

    maker = Actor("user", str(owner.pk), owner.name, dict.fromkeys(PERMISSIONS, Level.ALL), owner.pk)
    made = actions.create(maker, name="Mail", starter_key="welcome", purpose=None)
    made.refresh_from_db()
    assert made.current is not None
    return {"template_id": made.pk, "version_id": made.current.pk, "number": 1, "mail": _mail(made.current)}


def _mail(version: Any) -> dict[str, Any]:
    return {"subject": version.subject, "preheader": version.preheader, "source": version.source}


SEGMENT_RULE = {
    "groups": [{"conditions": [{"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"}]}]
}


def _segment(owner: User, *, archived: bool = False) -> Values:
    """A segment with one customer of the owner's, as if it had been built: to build is not what is asked here."""
    from django.db import connection
    from pyroaring import BitMap

    from ceap.core import bitmaps
    from ceap.core.changelog import customers_changed
    from ceap.customers.models import Customer
    from ceap.segments.contracts import Build
    from ceap.segments.models import MembershipVersion, Segment

    customer = Customer.objects.create(source="WhatsApp", owner=owner, created_at=now(), updated_at=now())
    with connection.cursor() as cursor:
        customers_changed(cursor, [customer.pk], connection.vendor)
    moments = {"created_at": now(), "updated_at": now(), "created_by": owner}
    made = Segment.objects.create(name="Buyers", rule=SEGMENT_RULE, **moments)
    made.current = MembershipVersion.objects.create(
        segment=made, number=1, rule=SEGMENT_RULE, rule_version=1, state=Build.READY, total=1, size=1, email=0,
        whatsapp=0, bitmap=bitmaps.pack(BitMap([customer.pk])), data_as_of=now(), created_at=now(), ready_at=now(),
    )  # fmt: skip
    made.archived_at = now() if archived else None
    made.save()
    return {"segment_id": made.pk, "customer_id": customer.pk, "day": now().date().isoformat()}


def _list(owner: User) -> Values:
    """A list that `owner` uploaded, of one customer of theirs."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.models import Customer
    from ceap.segments.actions import upload_list
    from ceap.segments.models import IdList

    customer = Customer.objects.create(owner=owner, created_at=now(), updated_at=now())
    made = upload_list(SYSTEM, "ids.csv", [f"id\n{customer.pk}\n".encode()], by="id")
    IdList.objects.filter(pk=made.pk).update(created_by=owner)
    return {"list_id": made.pk}


def _static(owner: User) -> Values:
    from ceap.segments.contracts import Kind
    from ceap.segments.models import Segment

    moments = {"created_at": now(), "updated_at": now(), "created_by": owner}
    made = Segment.objects.create(name="List", kind=Kind.STATIC, **moments)
    return {"segment_id": made.pk} | _list(owner)


def _segments(owner: User) -> Values:
    return {"first": _segment(owner)["segment_id"], "second": _segment(owner)["segment_id"]}


def _discovered(owner: User) -> Values:
    """A discovered segment of one customer; it is no model's, so that it can be somebody's own."""
    from ceap.segments.models import Segment

    values = _segment(owner)
    Segment.objects.filter(pk=values["segment_id"]).update(kind="discovered", rule={}, model_key="S1")
    return values


def _archived_segment(owner: User) -> Values:
    return _segment(owner, archived=True)


def _waiting_segment(owner: User) -> Values:
    from ceap.segments.actions import queue
    from ceap.segments.models import Segment

    values = _segment(owner)
    queue(Segment.objects.get(pk=values["segment_id"]))
    return values


def _customer(owner: User) -> Values:
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import add_identity, create

    made = create(SYSTEM, {"full_name": "Somebody", "owner": str(owner.pk)})
    identity = add_identity(SYSTEM, made.pk, "loyalty_card", f"L{made.pk}")
    return {"customer": made.pk, "identity": identity.pk}


def _erasure(owner: User) -> Values:
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import erase

    customer = _customer(owner)["customer"]
    erase(SYSTEM, customer)
    return {"customer": customer}


def _with_file(owner: User) -> Values:
    from ceap.accounts.contracts import SYSTEM
    from ceap.customers.actions import add_field, add_file
    from ceap.customers.models import CustomField

    customer = _customer(owner)["customer"]
    CustomField.objects.filter(key="papers").exists() or add_field(SYSTEM, "Papers", "file")
    made = add_file(SYSTEM, customer, "papers", "a.txt", [b"a"])
    return {"customer": customer, "key": "papers", "file": made.custom["papers"][0]["file"]}


def _pair(owner: User) -> Values:
    first, second = _customer(owner), _customer(owner)
    return {"customer": first["customer"], "duplicate": second["customer"]}


def _field(owner: User) -> Values:
    from ceap.customers.models import CustomField

    CustomField.objects.all().delete()
    made = CustomField.objects.create(key="k", label="K", type="text", created_at=now())
    return {"field_id": made.pk, "key": made.key}


def _view(owner: User) -> Values:
    from ceap.customers.models import SavedView

    return {"view_id": SavedView.objects.create(page="/customers", name="V", created_by=owner, created_at=now()).pk}


def _webhook(owner: User) -> Values:
    from ceap.connectors.actions.notices import enqueue
    from ceap.connectors.models import Webhook

    made = Webhook.objects.create(
        url="https://example.org/h", events=WEBHOOK["events"], secret=b"", created_at=now(), updated_at=now()
    )
    call = enqueue([made], "webhook.test", {})[0]
    call.state = "sent"
    call.save()
    return {"webhook_id": made.pk, "call_id": call.pk}


def _import(owner: User) -> Values:
    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors.actions import upload

    return {"import_id": upload(SYSTEM, "customers", "a.csv", [b"id,name\n1,Ann\n"]).pk}


def _campaign(owner: User) -> Values:
    from ceap.campaigns.models import Campaign

    made = Campaign.objects.create(name="Spring", created_by=owner, created_at=now(), updated_at=now())
    return {"campaign_id": made.pk}


def _sender(owner: User) -> Values:
    from tests.channels import people

    return {
        "sender_id": people.sender(config=NOWHERE).pk, "version_id": people.version(owner).pk, "email": owner.email
    }  # fmt: skip


def _test_message(owner: User) -> Values:
    from ceap.channels.models import Delivery
    from tests.channels import people

    version = people.version(owner).pk
    more = {"purpose": "transactional", "address": "a@example.test", "content_version_id": version}
    people.plan([0], people.sender(), kind="test", **more)
    return {"delivery_id": Delivery.objects.latest("pk").pk}


def _suppression(owner: User) -> Values:
    from ceap.consent.models import Suppression

    number = Suppression.objects.count()
    made = Suppression.objects.create(channel="email", address=f"a{number}@x.test", reason="manual", at=now())
    return {"suppression_id": made.pk}


def _inbox_mail(owner: User) -> Values:
    return {"mail_id": 1}


def _report(owner: User, state: str = "done") -> Values:
    from ceap.reports import queries
    from ceap.reports.models import Report

    values = _segment(owner)
    made = Report.objects.create(
        subject_kind="segment", subject_id=values["segment_id"], name="Buyers", format="pdf", state=state,
        file="table.pdf", made_by_kind="user", made_by_id=str(owner.pk), created_by=owner, created_at=now(),
    )  # fmt: skip
    queries.folder().mkdir(parents=True, exist_ok=True)
    (queries.folder() / "table.pdf").write_bytes(b"%PDF")
    return {**values, "report_id": made.pk}


def _failed_report(owner: User) -> Values:
    return _report(owner, "failed")


def _report_schedule(owner: User) -> Values:
    from datetime import time

    from ceap.reports.models import Schedule

    values = _segment(owner)
    made = Schedule.objects.create(
        segment_id=values["segment_id"], name="Buyers", format="pdf", existing="new", every="day", at=time(8),
        made_by_kind="user", made_by_id=str(owner.pk), created_by=owner, created_at=now(),
    )  # fmt: skip
    return {**values, "schedule_id": made.pk}


def _model(owner: User) -> Values:
    return {"version": 999}  # versions live in the home, not in the store: nobody finds this one


def _model_file(owner: User) -> Values:
    return {"file_id": str(uuid7())}  # neither do files: nobody finds this one


def _identity(owner: User) -> Values:
    return {"kind": "loyalty_card", "value": f"L{_customer(owner)['customer']}"}


ROWS: dict[str, Callable[[User], Values]] = {
    "sender": _sender, "test_message": _test_message, "suppression": _suppression, "mail": _inbox_mail,
    "campaign": _campaign,
    "customer": _customer, "file": _with_file, "pair": _pair, "erasure": _erasure, "field": _field, "view": _view,
    "import": _import, "webhook": _webhook,
    "segment": _segment, "archived_segment": _archived_segment, "waiting_segment": _waiting_segment,
    "segments": _segments, "list": _list, "static": _static, "model": _model,
    "discovered": _discovered,
    "model_file": _model_file, "identity": _identity,
    "report": _report, "failed_report": _failed_report,
    "template": _template, "acquaintance": _acquaintance,
    "report_schedule": _report_schedule,
    "item": _item, "job": _job, "user": _user, "role": _role, "key": _key,
}  # fmt: skip
