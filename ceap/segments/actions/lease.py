"""The one lease under which memberships are published: full build and incremental pass never run at once.

Every publication extends it by a conditional update in its own transaction, so whoever lost it cannot write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from ceap.kit import leases
from ceap.kit.clock import now
from ceap.segments.models import Lease

NAME = "segments"
LENGTH = timedelta(seconds=30)
FREE = datetime(2000, 1, 1, tzinfo=UTC)


def take(owner: str) -> str | None:
    """The token of the lease, or None while somebody else holds it."""
    token = leases.token()
    values = {"token": token, "owner": owner, "until": now() + LENGTH}
    if Lease.objects.filter(pk=NAME, until__lt=now()).update(**values):
        return token
    if not Lease.objects.filter(pk=NAME).exists():
        try:
            with transaction.atomic():
                Lease.objects.create(pk=NAME, **values)
            return token
        except IntegrityError:  # somebody was faster
            pass
    return None


def extend(token: str) -> bool:
    """Keep the lease; False when it was lost. In a transaction nobody else can take it before that ends."""
    return bool(Lease.objects.filter(pk=NAME, token=token).update(until=now() + LENGTH))


def release(token: str) -> None:
    """Let others take it."""
    Lease.objects.filter(pk=NAME, token=token).update(token="", owner="", until=FREE)


def owner() -> str:
    """Who holds it now: "build", "changes" or ""."""
    return Lease.objects.filter(pk=NAME, until__gte=now()).values_list("owner", flat=True).first() or ""


@contextmanager
def hold(owner: str) -> Iterator[str | None]:
    """The token while the block runs; None when somebody else holds the lease."""
    token = take(owner)
    try:
        yield token
    finally:
        if token:
            release(token)
