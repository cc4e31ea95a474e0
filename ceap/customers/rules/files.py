"""Which files may be kept of a customer: told by what is in them, not by what the sender calls them."""

from __future__ import annotations

from pathlib import PurePath

from ceap.core.values import text

MOST_BYTES = 10_000_000
MOST_FILES = 20  # of one field of one customer
NAME = 120
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
TYPES = PICTURES | {
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_ZIP = b"PK\x03\x04"
_BEGINS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"), "webp": (b"RIFF",), "pdf": (b"%PDF-",),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods"), (_ZIP,)),
}  # fmt: skip


def plain_name(name: str) -> str:
    """The last part of the name, in printable letters, short enough to keep, its ending kept."""
    path = PurePath(text.file_name(name))
    stem = "".join(letter for letter in path.stem if letter.isprintable() and letter not in '/"').strip() or "file"
    return f"{stem[:NAME]}{path.suffix.lower()}"


def content_type(name: str, data: bytes) -> str:
    """The media type of a file whose contents are what its ending says.

    Raises:
        ValueError: such files are not kept, or the contents are something else.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    if ending not in TYPES:
        raise ValueError(f"is not a file that can be kept here: {', '.join(sorted(TYPES))}")
    if not data:
        raise ValueError("is empty")
    fits = data.startswith(_BEGINS[ending]) if ending in _BEGINS else _is_text(data)
    if not fits or (ending == "webp" and data[8:12] != b"WEBP"):
        raise ValueError(f"is not a .{ending} file, whatever its name says")
    return TYPES[ending]


def _is_text(data: bytes) -> bool:
    try:
        return b"\x00" not in data and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False
