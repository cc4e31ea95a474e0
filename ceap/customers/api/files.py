"""Files and signatures of a customer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from ninja import File
from ninja import Status as Answer
from ninja.files import UploadedFile

from ceap.accounts.authentication import actor
from ceap.customers import actions, queries, schemas
from ceap.customers.api.customers import answer_of
from ceap.customers.api.router import router


@router.post("/{int:customer}/fields/{key}/files", response={201: schemas.CustomerOut})
def add_file(request: HttpRequest, customer: int, key: str, file: File[UploadedFile]) -> Any:
    """Keep a file in a field of the customer, or a drawn signature (a PNG picture); answers the customer."""
    made = actions.add_file(actor(request), customer, key, file.name or "file", file.chunks())
    return Answer(201, answer_of(request, made))


@router.get("/{int:customer}/files/{uuid:file}")
def open_file(request: HttpRequest, customer: int, file: UUID) -> HttpResponse:
    """A file of the customer: pictures to be shown, everything else to be downloaded; nothing in it can run."""
    found = queries.open_file(actor(request), customer, file)
    answer = HttpResponse(found.data, content_type=found.content_type)
    shown = found.content_type.startswith("image/")
    answer["Content-Disposition"] = content_disposition_header(not shown, found.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@router.delete("/{int:customer}/files/{uuid:file}", response=schemas.CustomerOut)
def remove_file(request: HttpRequest, customer: int, file: UUID) -> Any:
    """Take a file or signature away from the customer; answers the customer."""
    return answer_of(request, actions.remove_file(actor(request), customer, file))
