"""The OpenAPI document of the data plane, made from the shapes it really checks."""

from __future__ import annotations

from typing import Any

import msgspec

from ceap.edge.lookups import MAX_LOOKUPS
from ceap.edge.people import SHOWN
from ceap.edge.wire import MAX_EVENTS, Accepted, Event

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong and what to do"},
        "index": {"type": "integer", "description": "of the first event that is wrong"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "description": "e.g. [3].customer.email"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_TYPES: dict[str, Any] = {
    "id": {"type": "integer"},
    "custom": {"type": "object", "description": "the organisation's own fields"},
    "marketing_opt_in": {"type": ["boolean", "null"], "description": "null: never asked"},
    "customer_id": {"type": ["string", "null"], "description": "the organisation's own id"},
    "created_at": {"type": "string", "format": "date-time"},
    "updated_at": {"type": "string", "format": "date-time"},
} | {
    name: {"type": ["string", "null"], "description": "decimal"}
    for name in ("balance_available", "balance_pending", "lifetime_earned")
}


_SEGMENTS = {
    "type": "array",
    "description": "active segments that the customer is in by their latest evaluation; [] when there are none",
    "items": {
        "type": "object",
        "required": ["segment_id", "segment_name"],
        "properties": {"segment_id": {"type": "string", "format": "uuid"}, "segment_name": {"type": "string"}},
    },
}
_NAME = {"type": "string", "description": "full name; empty when it is not known"}
_CUSTOMER_SEGMENTS = {
    "type": "object",
    "required": ["customer_name", "segments"],
    "properties": {"customer_name": _NAME, "segments": _SEGMENTS},
}
_IDENTITY = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {"type": ["string", "integer"]},
    "description": '{kind: value}, e.g. {"email": "ada@example.org"} or {"id": 7}',
}
_ANSWERS = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "description": "in the order of the request, each with segments or with an error",
            "items": {
                "type": "object",
                "required": ["customer"],
                "properties": {
                    "customer": {"type": "object", "description": "as it was sent"},
                    "customer_name": _NAME,
                    "segments": _SEGMENTS,
                    "error": {
                        "type": "object",
                        "required": ["status", "title", "detail"],
                        "properties": {
                            "status": {"type": "integer"}, "title": {"type": "string"}, "detail": {"type": "string"}
                        },
                    },
                },
            },
        }
    },
}  # fmt: skip


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
    (one, accepted), parts = msgspec.json.schema_components(
        (Event, Accepted), ref_template="#/components/schemas/{name}"
    )
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_EVENTS}
    index = {"type": "integer", "minimum": 0, "maximum": 100_000}
    value = {"type": "string", "minLength": 1, "maxLength": 254}
    customer = {
        "type": "object",
        "required": list(SHOWN),
        "properties": {name: _TYPES.get(name, {"type": "string"}) for name in SHOWN},
    }
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
                                "schema": {"oneOf": [one, many]}
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
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Customer"}}},
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
                            "content": {"application/json": {"schema": {
                                "$ref": "#/components/schemas/CustomerSegments"}}},
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
                        "content": {"application/json": {"schema": {
                            "type": "array", "minItems": 1, "maxItems": MAX_LOOKUPS, "items": _IDENTITY}}},
                    },
                    "responses": {
                        "200": {
                            "description": "one item for each customer asked about",
                            "content": {"application/json": {"schema": {
                                "$ref": "#/components/schemas/SegmentsOfMany"}}},
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
            "schemas": {**parts, "Customer": customer, "Problem": _PROBLEM, "CustomerSegments": _CUSTOMER_SEGMENTS,
                        "SegmentsOfMany": _ANSWERS},
        },
    }  # fmt: skip
