"""Who may call what: one line for every operation of the API; `tests/test_permissions.py` holds each to it.

Add a line with your endpoint:

    "GET /api/segments": P("customers_segment_view"),
    "PATCH /api/segments/{segment_id}": P("customers_segment_manage", row="segment", body={"name": "New"}),

`P(key, …)`  the permission key (several keys: each alone being disabled refuses). It is tried at every level that
             the key has: disabled refuses, owned reaches own rows only, all reaches every row; anonymous is 401.
`row`        name of a maker in ROWS (`tests/permissions_rows.py`): given the owner, it makes a row and returns the
             values of the path.
`body`       what a write sends: JSON-ready, or a function of those values. It must be acceptable, or the answer to
             somebody without permission would be about the body.
`query`      what follows the path, from "?" (values in it are filled in too).
`files`      name → (file name, content): sent as a form, together with `body`.
`also`       statuses that mean "let through" besides 2xx, e.g. 409 when the row's state forbids it anyway.
`by`         the keys whose ownership the row is held against; every key of the rule unless said (a copy of another's
             row, say, is one's own: its "add" key reaches it whoever owns the original).
`own`        True: one's own rows are reached whatever the level (e.g. the jobs one started).
`SIGNED_IN`  any signed-in user; `OPEN` anybody at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ceap.kit.ids import uuid7
from tests.permissions_rows import NOWHERE, SEGMENT_RULE, WEBHOOK


@dataclass(frozen=True)
class Rule:
    keys: tuple[str, ...] = ()
    row: str | None = None
    body: Any = None
    query: str = ""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    also: tuple[int, ...] = ()
    by: tuple[str, ...] | None = None
    own: bool = False
    anonymous: bool = False


def P(*keys: str, **rest: Any) -> Rule:
    return Rule(keys, **rest)


def SIGNED_IN(**rest: Any) -> Rule:
    return Rule(**rest)


OPEN = Rule(anonymous=True)


_NEW_SENDER = {"name": "S", "from_name": "S", "from_address": "s@example.test", "config": NOWHERE}
RECOMMENDATION = {
    "when": {"spend": 0.5}, "type": "Thanks", "channel": "email", "offer": "Points", "timing": "Monday",
    "reason": "They spend more than others.",
}  # fmt: skip
_NEW_USER = {"email": "new@example.test", "name": "New", "role": "agent"}
_NEW_ROLE = {"name": "New", "grants": {"catalog_view": "all"}}

_TOLD = ("webhooks_manage", "customers_view", "customers_segment_view")
IMPORT_PLAN = {"mapping": {"id": "customer_id", "name": "full_name"}}

TABLE: dict[str, Rule] = {
    # accounts
    "GET /api/sign-in": OPEN,
    "GET /api/session": SIGNED_IN(),
    "PATCH /api/profile": SIGNED_IN(body={"name": "Me"}),
    "GET /api/profile/totp-qr": SIGNED_IN(also=(409,)),
    "GET /api/people": SIGNED_IN(),
    "GET /api/permissions": SIGNED_IN(),
    "GET /api/organisation": SIGNED_IN(),
    "PATCH /api/organisation": P("settings_manage", body={"name": "Org"}),
    "GET /api/users": P("users_manage"),
    "POST /api/users": P("users_manage", body=_NEW_USER),
    "GET /api/users/{user_id}": P("users_manage", row="user"),
    "PATCH /api/users/{user_id}": P("users_manage", row="user", body={"name": "Other"}),
    "POST /api/users/{user_id}/deactivate": P("users_manage", row="user"),
    "POST /api/users/{user_id}/activate": P("users_manage", row="user"),
    "POST /api/users/{user_id}/reset-link": P("users_manage", row="user", body={"mail": False}),
    "POST /api/users/{user_id}/remove-second-factors": P("users_manage", row="user"),
    "GET /api/roles": P("users_manage"),
    "POST /api/roles": P("users_manage", body=_NEW_ROLE),
    "GET /api/roles/{role_id}": P("users_manage", row="role"),
    "PATCH /api/roles/{role_id}": P("users_manage", row="role", body={"description": "Other"}),
    "DELETE /api/roles/{role_id}": P("users_manage", row="role"),
    "GET /api/keys": P("keys_manage"),
    "POST /api/keys": P(
        "keys_manage", "customers_import", body={"name": "K", "kind": "server", "scopes": ["events:write"]}
    ),
    "POST /api/keys/{key_id}/revoke": P("keys_manage", row="key"),
    "GET /api/audit": P("audit_view"),
    "GET /api/audit/chain": P("audit_view"),
    # events, catalog
    "GET /api/events/timeline": P("customers_view", row="acquaintance", query="?customer={customer_id}"),
    "GET /api/events/purchases": P("customers_view", row="acquaintance", query="?customer={customer_id}"),
    "GET /api/events/purchases/summary": P("customers_view"),
    "GET /api/events/names": P("customers_view"),
    "GET /api/events/freshness": SIGNED_IN(),
    "GET /api/events/rates": P("settings_manage"),
    "PUT /api/events/rates": P("settings_manage", body={"items": []}),
    "GET /api/catalog/items": P("catalog_view"),
    "GET /api/catalog/items/{item_id}": P("catalog_view", row="item"),
    "GET /api/catalog/kinds": P("catalog_view"),
    # content
    "GET /api/content/templates": P("content_view"),
    "POST /api/content/templates": P("content_manage", body={"name": "New", "starter": "welcome"}),
    "GET /api/content/templates/{template_id}": P("content_view", row="template"),
    "PATCH /api/content/templates/{template_id}": P("content_manage", row="template", body={"name": "Other"}),
    "POST /api/content/templates/{template_id}/archive": P("content_manage", row="template"),
    "POST /api/content/templates/{template_id}/unarchive": P("content_manage", row="template"),
    "POST /api/content/templates/{template_id}/duplicate": P("content_view", "content_manage", row="template", by=()),
    "GET /api/content/templates/{template_id}/versions": P("content_view", row="template"),
    "POST /api/content/templates/{template_id}/versions": P(
        "content_manage", row="template", body=lambda values: {**values["mail"], "base": 1}
    ),
    "POST /api/content/templates/{template_id}/versions/{number}/restore": P("content_manage", row="template"),
    "GET /api/content/versions/{version_id}": P("content_view", row="template"),
    "GET /api/content/versions/{version_id}/placeholders": P("content_view", row="template"),
    "GET /api/content/variables": P("content_view"),
    "GET /api/content/starters": P("content_view"),
    "POST /api/content/preview": P("content_view", row="template", by=(), body=lambda values: values["mail"]),
    # channels
    "GET /api/channels/providers": P("channels_manage"),
    "GET /api/channels/senders": SIGNED_IN(also=(403,)),
    "POST /api/channels/senders": P("channels_manage", body=_NEW_SENDER),
    "POST /api/channels/senders/try": P("channels_manage", body={"config": NOWHERE}),
    "GET /api/channels/senders/{sender_id}": P("channels_manage", row="sender"),
    "PATCH /api/channels/senders/{sender_id}": P("channels_manage", row="sender", body={"name": "Other"}),
    "POST /api/channels/senders/{sender_id}/archive": P("channels_manage", row="sender"),
    "POST /api/channels/test": P(
        "content_manage",
        row="sender",
        body=lambda values: {"version_id": str(values["version_id"]), "address": values["email"]},
    ),
    "GET /api/channels/test/{delivery_id}": P("content_manage", row="test_message"),
    "GET /api/channels/ledger/{customer_id}": P("customers_view", row="acquaintance"),
    "GET /api/channels/inbox": SIGNED_IN(also=(404,)),
    "GET /api/channels/inbox/{mail_id}": SIGNED_IN(also=(404,), row="mail"),
    "GET /api/channels/inbox/{mail_id}/html": SIGNED_IN(also=(404,), row="mail"),
    # consent
    "GET /api/consent/customers/{customer_id}": P("customers_view", row="acquaintance"),
    "POST /api/consent/customers/{customer_id}/grant": P(
        "consent_manage",
        "customers_view",
        row="acquaintance",
        body={"channel": "email", "source": "form", "evidence": {"form": "fair"}},
    ),
    "POST /api/consent/customers/{customer_id}/withdraw": P(
        "consent_manage", "customers_view", row="acquaintance", body={"channel": "email"}
    ),
    "GET /api/consent/suppressions": P("consent_manage"),
    "POST /api/consent/suppressions": P("consent_manage", body={"channel": "email", "address": "a@example.test"}),
    "POST /api/consent/suppressions/{suppression_id}/lift": P(
        "consent_manage", row="suppression", body={"reason": "A mistake"}
    ),
    # jobs
    "GET /api/jobs/{job_id}": P("health_view", row="job", own=True),
    "POST /api/jobs/{job_id}/cancel": P("health_view", row="job", own=True),
    # reports
    "GET /api/reports": P("reports_view"),
    "POST /api/reports": P(
        "reports_create",
        "customers_segment_view",
        row="segment",
        by=("customers_segment_view",),
        body=lambda values: {"subject_kind": "segment", "subject_id": str(values["segment_id"]), "format": "pdf"},
    ),
    "GET /api/reports/schedules": P("reports_view"),
    "POST /api/reports/schedules": P(
        "reports_create",
        "customers_segment_view",
        row="segment",
        by=("customers_segment_view",),
        body=lambda values: {
            "segment_id": str(values["segment_id"]),
            "format": "pdf",
            "every": "day",
            "at": "08:00",
        },
    ),
    "PATCH /api/reports/schedules/{schedule_id}": P(
        "reports_view", "reports_create", row="report_schedule", body={"paused": True}
    ),
    "DELETE /api/reports/schedules/{schedule_id}": P("reports_view", "reports_create", row="report_schedule"),
    "GET /api/reports/{report_id}": P("reports_view", row="report"),
    "POST /api/reports/{report_id}/retry": P("reports_view", "reports_create", row="failed_report"),
    "DELETE /api/reports/{report_id}": P("reports_view", "reports_create", row="report"),
    "GET /api/reports/{report_id}/file": P("reports_view", row="report"),
    # segments
    "GET /api/segments": P("customers_segment_view"),
    "POST /api/segments": P("customers_segment_add", body={"name": "New", "rule": SEGMENT_RULE}),
    "GET /api/segments/menu": P("customers_segment_view"),
    "GET /api/segments/suggestions": P("customers_segment_view", query="?on=source"),
    "POST /api/segments/preview": P("customers_segment_view", body={"rule": SEGMENT_RULE}),
    "POST /api/segments/sentence": P("customers_segment_view", body={"rule": SEGMENT_RULE}),
    "POST /api/segments/waterfall": P("customers_segment_view", body={"rule": SEGMENT_RULE}),
    "GET /api/segments/{segment_id}/waterfall": P("customers_segment_view", row="segment"),
    "POST /api/segments/why": P(
        "customers_view",
        row="segment",
        body=lambda values: {"rule": SEGMENT_RULE, "customer": values["customer_id"]},
    ),
    "GET /api/segments/{segment_id}": P("customers_segment_view", row="segment"),
    "PUT /api/segments/{segment_id}": P(
        "customers_segment_view", "customers_segment_manage", row="segment", body={"name": "New", "rule": SEGMENT_RULE}
    ),
    "POST /api/segments/{segment_id}/duplicate": P(
        "customers_segment_view", "customers_segment_add", row="segment", by=("customers_segment_view",)
    ),
    "POST /api/segments/{segment_id}/archive": P("customers_segment_view", "customers_segment_archived", row="segment"),
    "POST /api/segments/{segment_id}/unarchive": P(
        "customers_segment_view", "customers_segment_archived", row="archived_segment"
    ),
    "POST /api/segments/{segment_id}/recalculate": P(
        "customers_segment_view", "customers_segment_manage", row="segment"
    ),
    "POST /api/segments/{segment_id}/cancel": P(
        "customers_segment_view", "customers_segment_manage", row="waiting_segment"
    ),
    "DELETE /api/segments/{segment_id}": P(
        "customers_segment_view", "customers_segment_archived", row="archived_segment"
    ),
    "POST /api/segments/discovered/versions/{version}/deploy": P("learning_manage", row="model", also=(404,)),
    "GET /api/segments/discovered/dashboard": P("customers_segment_view"),
    "GET /api/segments/discovered/compare": P(
        "customers_segment_view", row="discovered", query="?a={segment_id}&b={segment_id}"
    ),
    "GET /api/segments/discovered/{segment_id}": P("customers_segment_view", row="discovered"),
    "GET /api/segments/discovered/{segment_id}/reach": P("customers_segment_view", row="discovered"),
    "POST /api/segments/discovered/score": P("learning_manage", body={"file": str(uuid7())}, also=(409,)),
    "GET /api/learning/state": P("customers_segment_view"),
    "GET /api/learning/versions": P("customers_segment_view"),
    "GET /api/learning/versions/{version}": P("customers_segment_view", row="model", also=(404,)),
    "GET /api/learning/versions/{version}/comparison": P("customers_segment_view", row="model", also=(404,)),
    "POST /api/learning/versions/{version}/comparison": P("learning_manage", row="model", also=(404,)),
    "POST /api/learning/versions/{version}/evaluation": P(
        "learning_manage", row="model", body={"file": str(uuid7())}, also=(404,)
    ),
    "GET /api/learning/scorings": P("customers_segment_view"),
    "GET /api/learning/files": P("learning_manage"),
    "POST /api/learning/files": P("learning_manage", files={"file": ("a.csv", b"id,fresh_sales\n1,2\n")}),
    "GET /api/learning/files/{file_id}": P("learning_manage", row="model_file", also=(404,)),
    "PUT /api/learning/files/{file_id}": P("learning_manage", row="model_file", body={}, also=(404,)),
    "DELETE /api/learning/files/{file_id}": P("learning_manage", row="model_file", also=(404,)),
    "GET /api/learning/schedule": P("customers_segment_view"),
    "PUT /api/learning/schedule": P("learning_manage", body={"every": "off"}),
    "GET /api/learning/recommendations": P("customers_segment_view"),
    "PUT /api/learning/recommendations": P("learning_manage", body={"rows": [RECOMMENDATION]}),
    "DELETE /api/learning/recommendations": P("learning_manage"),
    "POST /api/learning/score": P("customers_segment_view", body={"amounts": {"fresh": 1}}, also=(409,)),
    "GET /api/learning/customers/{customer}": P(
        "customers_segment_view", "customers_view", row="customer", by=("customers_view",), also=(409,)
    ),
    "GET /api/learning/customers/{kind}/{value}": P(
        "customers_segment_view", "customers_view", row="identity", by=("customers_view",), also=(409,)
    ),
    "GET /api/learning/deployments": P("customers_segment_view"),
    "POST /api/learning/train": P("learning_manage", body={}),
    "POST /api/segments/compare": P(
        "customers_segment_view",
        "customers_view",
        row="segments",
        by=("customers_segment_view",),
        body=lambda values: {"segments": [str(values["first"]), str(values["second"])]},
    ),
    "GET /api/segments/with/{customer_id}": P(
        "customers_segment_view", "customers_view", row="segment", by=("customers_view",)
    ),
    "POST /api/segments/exports": P(
        "customers_segment_view",
        "customers_view",
        "customers_export",
        row="segment",
        by=("customers_segment_view",),
        body=lambda values: {"inside": [str(values["segment_id"])], "format": "csv"},
    ),
    # a list is its uploader's alone: others do not find it
    "POST /api/segments/lists": P("customers_view", files={"file": ("ids.csv", b"id\n1\n")}),
    "GET /api/segments/lists/{list_id}": P("customers_view", row="list", also=(404,)),
    "GET /api/segments/lists/{list_id}/missing.csv": P("customers_view", row="list", also=(404,)),
    "POST /api/segments/lists/{list_id}/match": P(
        "customers_view", row="list", body={"column": "id", "by": "id"}, also=(404,)
    ),
    "POST /api/segments/lists/{list_id}/segment": P(
        "customers_view", "customers_segment_add", row="list", body={"name": "New"}, also=(404,)
    ),
    "POST /api/segments/{segment_id}/upload": P(
        "customers_view",
        "customers_segment_view",
        "customers_segment_manage",
        row="static",
        also=(404,),
        body=lambda values: {"list_id": str(values["list_id"]), "how": "add"},
    ),
    "GET /api/segments/{segment_id}/uses": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/history": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/performance": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/days/{day}/members": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/versions": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/members": P("customers_segment_view", row="segment"),
    "GET /api/segments/{segment_id}/customers/{customer_id}": P(
        "customers_segment_view", "customers_view", row="segment"
    ),
    # customers
    "GET /api/customers": P("customers_view"),
    "POST /api/customers": P("customers_manage", body={"values": {"full_name": "New"}}),
    "GET /api/customers/fields": P("customers_view"),
    "POST /api/customers/fields": P("fields_manage", body={"label": "New", "type": "text"}),
    "PUT /api/customers/fields/order": P(
        "fields_manage", row="field", body=lambda values: {"ids": [str(values["field_id"])]}
    ),
    "PATCH /api/customers/fields/{field_id}": P("fields_manage", row="field", body={"label": "Other"}),
    "POST /api/customers/fields/{field_id}/retire": P("fields_manage", row="field"),
    "POST /api/customers/fields/{field_id}/restore": P("fields_manage", row="field"),
    "PUT /api/customers/fields/{key}/roles": P("fields_manage", row="field", body={"roles": []}),
    "GET /api/customers/fields/roles": P("fields_manage"),
    "GET /api/customers/fields/{key}/uses": P("fields_manage", row="field"),
    "GET /api/customers/suggestions": P("customers_view", query="?field=source"),
    "GET /api/customers/resolve": P("customers_view", query="?kind=email&value=a@b.test"),
    "GET /api/customers/views": P("customers_view"),
    "POST /api/customers/views": P("customers_view", body={"name": "Mine", "query": {}}),
    "DELETE /api/customers/views/{view_id}": SIGNED_IN(row="view"),
    "POST /api/customers/exports": P("customers_export", row="acquaintance"),
    "GET /api/customers/exports/{job_id}/file": P("customers_export", row="job", also=(404,)),
    "GET /api/customers/{customer}": P("customers_view", row="customer"),
    "PATCH /api/customers/{customer}": P(
        "customers_view", "customers_manage", row="customer", body={"values": {"full_name": "Other"}}
    ),
    "POST /api/customers/{customer}/identities": P(
        "customers_view",
        "customers_manage",
        row="customer",
        body=lambda values: {"kind": "card", "value": str(values["customer"])},
    ),
    "DELETE /api/customers/{customer}/identities/{identity}": P("customers_view", "customers_manage", row="customer"),
    "POST /api/customers/{customer}/merge": P(
        "customers_view", "customers_erase", row="pair", body=lambda values: {"duplicate": values["duplicate"]}
    ),
    "GET /api/customers/retention": P("settings_manage"),
    "GET /api/customers/retention/preview": P("settings_manage"),
    "POST /api/customers/retention/run": P("settings_manage"),
    "GET /api/customers/erasures": P("customers_erase"),
    "GET /api/customers/{customer}/erasure": P("customers_erase", row="erasure"),
    "GET /api/customers/{customer}/privacy": P("customers_view", "customers_erase", row="customer"),
    "PUT /api/customers/{customer}/hold": P(
        "customers_view", "customers_erase", row="customer", body={"reason": "Case 7"}
    ),
    "DELETE /api/customers/{customer}/hold": P("customers_view", "customers_erase", row="customer"),
    "POST /api/customers/{customer}/erase": P("customers_view", "customers_erase", row="customer"),
    "POST /api/customers/{customer}/fields/{key}/files": P(
        "customers_view", "customers_manage", row="file", body={}, files={"file": ("a.txt", b"a")}
    ),
    "GET /api/customers/{customer}/files/{file}": P("customers_view", row="file"),
    "DELETE /api/customers/{customer}/files/{file}": P("customers_view", "customers_manage", row="file"),
    "GET /api/customers/{customer}/data.json": P("customers_view", "customers_export", row="customer"),
    # connectors
    "GET /api/connectors/imports": P("customers_import"),
    "POST /api/connectors/imports": P(
        "customers_import", body={"target": "customers"}, files={"file": ("a.csv", b"id,name\n1,Ann\n")}
    ),
    "GET /api/connectors/imports/{import_id}": P("customers_import", row="import"),
    "DELETE /api/connectors/imports/{import_id}": P("customers_import", row="import"),
    "GET /api/connectors/imports/{import_id}/preview": P("customers_import", row="import"),
    "PUT /api/connectors/imports/{import_id}/form": P("customers_import", row="import", body={"delimiter": ","}),
    "POST /api/connectors/imports/{import_id}/check": P("customers_import", row="import", body=IMPORT_PLAN),
    "POST /api/connectors/imports/{import_id}/start": P("customers_import", row="import", body=IMPORT_PLAN),
    "GET /api/connectors/imports/{import_id}/findings": P("customers_import", row="import"),
    "GET /api/connectors/imports/{import_id}/receipt.csv": P("customers_import", row="import"),
    "GET /api/connectors/webhooks": P("webhooks_manage"),
    "POST /api/connectors/webhooks": P(*_TOLD, body=WEBHOOK),
    "GET /api/connectors/webhooks/{webhook_id}": P("webhooks_manage", row="webhook"),
    "PUT /api/connectors/webhooks/{webhook_id}": P(*_TOLD, row="webhook", by=(), body=WEBHOOK),
    "DELETE /api/connectors/webhooks/{webhook_id}": P("webhooks_manage", row="webhook"),
    "POST /api/connectors/webhooks/{webhook_id}/rotate": P(*_TOLD, row="webhook", by=()),
    "POST /api/connectors/webhooks/{webhook_id}/test": P("webhooks_manage", row="webhook"),
    "GET /api/connectors/webhooks/{webhook_id}/calls": P("webhooks_manage", row="webhook"),
    "POST /api/connectors/webhooks/calls/{call_id}/resend": P("webhooks_manage", row="webhook"),
    # campaigns
    "GET /api/campaigns": P("campaigns_view"),
    "POST /api/campaigns": P("campaigns_manage", body={"name": "New"}),
    "POST /api/campaigns/audience": P(
        "customers_segment_view", row="segment", body=lambda values: {"segment_id": str(values["segment_id"])}
    ),
    "GET /api/campaigns/senders": P("campaigns_view"),
    "GET /api/campaigns/{campaign_id}": P("campaigns_view", row="campaign"),
    "PATCH /api/campaigns/{campaign_id}": P(
        "campaigns_view", "campaigns_manage", row="campaign", body={"version": 1, "name": "Other"}
    ),
    "DELETE /api/campaigns/{campaign_id}": P("campaigns_view", "campaigns_manage", row="campaign"),
    "GET /api/campaigns/{campaign_id}/checklist": P("campaigns_view", row="campaign"),
    "GET /api/campaigns/{campaign_id}/deliveries": P("campaigns_view", row="campaign"),
    "GET /api/campaigns/{campaign_id}/movement": P("campaigns_view", row="campaign"),
    "POST /api/campaigns/{campaign_id}/duplicate": P(
        "campaigns_view", "campaigns_manage", row="campaign", by=("campaigns_view",)
    ),
    "POST /api/campaigns/{campaign_id}/request-approval": P("campaigns_view", "campaigns_manage", row="campaign"),
    "POST /api/campaigns/{campaign_id}/approve": P("campaigns_approve", row="campaign", body={"version": 1}),
    "POST /api/campaigns/{campaign_id}/launch": P(
        "campaigns_view", "campaigns_launch", row="campaign", body={"version": 1}, also=(409,)
    ),
    "POST /api/campaigns/{campaign_id}/pause": P("campaigns_view", "campaigns_launch", row="campaign", also=(409,)),
    "POST /api/campaigns/{campaign_id}/resume": P("campaigns_view", "campaigns_launch", row="campaign", also=(409,)),
    "POST /api/campaigns/{campaign_id}/cancel": P("campaigns_view", "campaigns_launch", row="campaign", also=(409,)),
    # measurement
    "GET /api/measurement/campaigns/{campaign_id}": P("campaigns_view", row="campaign"),
    "GET /api/measurement/home": SIGNED_IN(),
}
