"""Reading files of customers, items, purchases and events: what they are, and their rows in parts of flat memory."""

from ceap.connectors.files.detect import detect
from ceap.connectors.files.keep import keep
from ceap.connectors.files.rows import Part, columns, parts

__all__ = ["Part", "columns", "detect", "keep", "parts"]
