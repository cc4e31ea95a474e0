"""Memberships that this process has read or written lately: the bitmap of a ready version never changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from pyroaring import BitMap

from ceap.core import bitmaps
from ceap.segments.contracts import Build
from ceap.segments.models import MembershipVersion

MOST = 192 << 20  # bytes
_known: OrderedDict[UUID, tuple[BitMap, int]] = OrderedDict()
_lock = threading.Lock()
_total = 0  # bytes of what is known


def bitmaps_of(versions: Iterable[UUID]) -> dict[UUID, BitMap]:
    """The members of these versions, by version; those that are gone or not ready are left out.

    The bitmaps are shared: nobody changes them.
    """
    wanted = set(versions)
    with _lock:
        found = {}
        for version in wanted & _known.keys():
            found[version] = _known[version][0]
            _known.move_to_end(version)
    rows = MembershipVersion.objects.filter(pk__in=wanted - found.keys(), state=Build.READY)
    for version, packed in rows.values_list("pk", "bitmap"):
        found[version] = bitmaps.unpack(packed or b"")
        keep(version, found[version])
    return found


def keep(version: UUID, members: BitMap) -> None:
    """Remember the members of a version that is ready, or will be; the least used are forgotten for it."""
    known = members.get_statistics()
    size = known["n_bytes_array_containers"] + known["n_bytes_run_containers"] + known["n_bytes_bitset_containers"]
    global _total
    with _lock:
        _total += size - _known.pop(version, (None, 0))[1]
        _known[version] = members, size
        while _total > MOST:
            _total -= _known.popitem(last=False)[1][1]
