"""What a line of an order is known by, alike at every door: its order, its item, and which one of that item it is."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping


def line_keys(
    lines: Iterable[tuple[str | None, str | None]], counts: MutableMapping[str, int], room: str = ""
) -> list[str | None]:
    """The key of each line (order id, item); None for lines without an order.

    A line is known by its order, its item, and its occurrence number among the order's lines of that item; lines
    without an item are counted among themselves. Names, amounts and everything else may change: it stays the same line.

    Args:
        counts: how many lines of each order and item there were before; counted on here.
        room: put in front: whoever writes in a room of its own never meets another's lines.
    """
    keys: list[str | None] = []
    for order, item in lines:
        if not order:
            keys.append(None)
            continue
        line = f"{room}order:{_plain(order)}/{_plain(item or '')}"
        n = counts[line] = counts.get(line, 0) + 1
        keys.append(f"{line}/{n}")
    return keys


def _plain(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F") if "/" in text or "%" in text else text
