"""The OpenAPI document of the data plane, made from the shapes it really checks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ceap.edge.lookups import MAX_LOOKUPS
from ceap.edge.wire import MAX_EVENTS, Accepted, Event

Text = Annotated[str, Meta(description="empty when it is not known")]
Exact = Annotated[str, Meta(description="decimal")] | None
Name = Annotated[str, Meta(description="full name; empty when it is not known")]
Identity = Annotated[
    dict[str, str | int],
    Meta(min_length=1, max_length=1, description='{kind: value}, e.g. {"email": "ada@example.org"} or {"id": 7}'),
]


class FieldProblem(Struct):
    """What is wrong with one field."""

    field: Annotated[str, Meta(description="e.g. [3].customer.email")]
    message: str


class Problem(Struct):
    """A refusal: nothing was stored."""

    type: str
    title: str
    status: int
    detail: Annotated[str, Meta(description="what is wrong and what to do")]
    errors: list[FieldProblem]
    index: Annotated[int, Meta(description="of the first event that is wrong")] | UnsetType = UNSET


class Customer(Struct):
    """What a site may know about its customer."""

    id: int
    customer_id: Annotated[str, Meta(description="the organisation's own id")] | None
    full_name: Text
    email: Text
    phone: Text
    language: Text
    time_zone: Text
    city: Text
    province: Text
    country: Text
    source: Text
    status: Text
    current_tier: Text
    reward_name: Text
    reward_status: Text
    balance_available: Exact
    balance_pending: Exact
    lifetime_earned: Exact
    marketing_opt_in: Annotated[bool, Meta(description="null: never asked")] | None
    custom: Annotated[dict[str, Any], Meta(description="the organisation's own fields")]
    created_at: datetime
    updated_at: datetime


class SegmentName(Struct):
    """A segment that a customer is in."""

    segment_id: UUID
    segment_name: str


Names = Annotated[
    list[SegmentName],
    Meta(description="active segments that the customer is in by their latest evaluation; [] when there are none"),
]


class CustomerSegments(Struct):
    """The segments of one customer."""

    customer_name: Name
    segments: Names


class LookupProblem(Struct):
    """Why there is no answer about one customer."""

    status: int
    title: str
    detail: str


class SegmentsOfOne(Struct):
    """The answer about one of many customers: with segments, or with an error."""

    customer: Annotated[dict[str, Any], Meta(description="as it was sent")]
    customer_name: Name | UnsetType = UNSET
    segments: Names | UnsetType = UNSET
    error: LookupProblem | UnsetType = UNSET


class SegmentsOfMany(Struct):
    """One item for each customer asked about, in the order of the request."""

    items: list[SegmentsOfOne]


_SHAPES = (
    Event | Annotated[list[Event], Meta(min_length=1, max_length=MAX_EVENTS)],
    Annotated[list[Identity], Meta(min_length=1, max_length=MAX_LOOKUPS)],
    Accepted, Customer, CustomerSegments, SegmentsOfMany, Problem,
)  # fmt: skip


def _refusals(*codes: int) -> dict[str, Any]:
    words = {
        400: "the body is not JSON", 401: "no live key", 403: "the key may not do this", 404: "no such customer",
        408: "the body came too slowly", 409: "the Idempotency-Key was used with another body",
        413: "the body is too large", 422: "a field is wrong; nothing was stored",
        503: "the store cannot be reached now; Retry-After says when to try again",
    }  # fmt: skip
    return {
        str(code): {
            "description": words[code],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for code in codes
    }


def _parameter(name: str, where: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}


def document(url: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document; `url` is where the data plane is reached."""
    made, parts = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    events, customers, accepted, customer, segments, answers, _ = made
    index = {"type": "integer", "minimum": 0, "maximum": 100_000}
    value = {"type": "string", "minLength": 1, "maxLength": 254}
    token = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
    page = {"text/html": {"schema": {"type": "string"}}}
    token_header = _parameter(
        "X-Customer-Token", "header", {"type": "string"}, "with a browser key: a JWT (HS256) made by your backend"
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "CEAP data plane", "version": "1", "description": "Events in, customers out, tracked links."},
        "servers": [{"url": url}],
        "security": [{"key": []}],
        "paths": {
            "/v1/events": {
                "post": {
                    "operationId": "store_events",
                    "summary": "Store events and purchases durably",
                    "parameters": [
                        _parameter(
                            "Idempotency-Key", "header", {"type": "string", "minLength": 1, "maxLength": 200,
                            "pattern": "^[!-~]+$"}, "the same key with the same body gets the same answer for a week",
                        ),
                        token_header,
                    ],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": events
                            }
                        },
                    },
                    "responses": {
                        "202": {
                            "description": "stored: after a crash or a power cut they are still there",
                            "content": {"application/json": {"schema": accepted}},
                        },
                        **_refusals(400, 401, 403, 408, 409, 413, 422, 503),
                    },
                }
            },
            "/v1/customers/{kind}/{value}": {
                "get": {
                    "operationId": "read_customer",
                    "summary": "One customer, found by any identity",
                    "parameters": [
                        _parameter("kind", "path", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
                                   "id, customer_id, email, phone, username, anonymous_id or an app's own"),
                        _parameter("value", "path", value, "the identity"),
                        token_header,
                    ],
                    "responses": {
                        "200": {
                            "description": "the customer",
                            "content": {"application/json": {"schema": customer}},
                        },
                        **_refusals(401, 403, 404, 422, 503),
                    },
                }
            },
            "/v1/customers/{kind}/{value}/segments": {
                "get": {
                    "operationId": "read_customer_segments",
                    "summary": "The segments of one customer, found by any identity",
                    "parameters": [
                        _parameter("kind", "path", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
                                   "id, customer_id, email, phone, username, anonymous_id or an app's own"),
                        _parameter("value", "path", value, "the identity"),
                        token_header,
                    ],
                    "responses": {
                        "200": {
                            "description": "name and segments",
                            "content": {"application/json": {"schema": segments}},
                        },
                        **_refusals(401, 403, 404, 422, 503),
                    },
                }
            },
            "/v1/customers/segments": {
                "post": {
                    "operationId": "read_segments_of_many",
                    "summary": "The segments of many customers",
                    "parameters": [token_header],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": customers}},
                    },
                    "responses": {
                        "200": {
                            "description": "one item for each customer asked about",
                            "content": {"application/json": {"schema": answers}},
                        },
                        **_refusals(400, 401, 403, 408, 413, 422, 503),
                    },
                }
            },
            "/o/{token}.gif": {
                "get": {
                    "operationId": "open_pixel", "summary": "The pixel of a message", "security": [],
                    "parameters": [_parameter("token", "path", token, "of the delivery")],
                    "responses": {"200": {"description": "always the pixel", "content": {
                        "image/gif": {"schema": {"type": "string", "contentEncoding": "binary"}}}}},
                }
            },
            "/c/{token}/{index}": {
                "get": {
                    "operationId": "follow_link", "summary": "A link of a message", "security": [],
                    "parameters": [
                        _parameter("token", "path", token, "of the delivery"),
                        _parameter("index", "path", index, "of the link"),
                        _parameter("u", "query", {"type": "string"}, "a target signed by this installation"),
                    ],
                    "responses": {
                        "302": {"description": "on to the stored or signed target"},
                        "404": {"description": "no such target", "content": page},
                        **_refusals(503),
                    },
                }
            },
            "/u/{token}": {
                "get": {
                    "operationId": "unsubscribe_page", "summary": "The page with the button", "security": [],
                    "parameters": [_parameter("token", "path", token, "of the delivery")],
                    "responses": {
                        "200": {"description": "the page; nothing has changed", "content": page},
                        "404": {"description": "the link is not complete: how to write to us", "content": page},
                    },
                },
                "post": {
                    "operationId": "unsubscribe", "summary": "Unsubscribe (RFC 8058 one-click)", "security": [],
                    "parameters": [_parameter("token", "path", token, "of the delivery")],
                    "responses": {
                        "200": {"description": "unsubscribed", "content": page},
                        "404": {"description": "the link is not complete; nothing was stored", "content": page},
                        "503": {"description": "not stored; try again", "content": page},
                    },
                },
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "a server or browser key"}},
            "schemas": parts,
        },
    }  # fmt: skip
