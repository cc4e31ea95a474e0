"""Files that models learn from and score."""

from __future__ import annotations

from typing import Any

from ceap.accounts.contracts import Actor
from ceap.accounts.queries import setting
from ceap.core.learning.files import About, Files
from ceap.learning.contracts import MANAGE
from ceap.learning.queries.versions import folder, scored, versions


def files() -> Files:
    """The kept files, whoever may see them."""
    return Files(folder() / "files")


def limit() -> int:
    """The largest file that may be uploaded, in bytes (organisation setting `import_max_mb`)."""
    return int(str(setting("import_max_mb"))) * 1_000_000


def file_list(actor: Actor) -> list[dict[str, Any]]:
    """The kept files, newest first.

    Raises:
        Forbidden: `actor` may not manage models: the files hold customers.
    """
    actor.require(MANAGE)
    found = files()
    return [_told(found.about(id), used_by(id), found.receipt(id)) for id in found.ids()]


def file(actor: Actor, id: str) -> dict[str, Any]:
    """One kept file, what was found in it, and what the last scoring did with its rows.

    Raises:
        Forbidden: `actor` may not manage models. NotFound: there is no such file.
    """
    actor.require(MANAGE)
    found = files()
    return _told(found.about(id), used_by(id), found.receipt(id))


def used_by(id: str) -> list[int]:
    """The versions that were trained on a file or score it."""
    known = versions()
    trained = [number for number in known.numbers() if known.manifest(number).get("upload") == id]
    last = scored()
    return sorted({*trained, *([last.version] if last and last.file == id else [])})


def _told(about: About, used: list[int], receipt: dict[str, Any] | None) -> dict[str, Any]:
    names = ("id", "name", "size", "rows", "by", "at", "names", "columns", "match", "add", "look")
    return {name: getattr(about, name) for name in names} | {"used_by": used, "receipt": receipt}
