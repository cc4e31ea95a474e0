"""What the synthetic grocery chain sells: some dozens of items in its three categories, at made-up prices in rupees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_SHELVES = {
    "fresh": "Red onions 250 g:60, Tomatoes 250 g:75, Carrots 250 g:80, Leeks 250 g:70, Green beans 250 g:90, "
    "Pumpkin 500 g:95, Gotukola bunch:50, Mukunuwenna bunch:45, Kankun bunch:40, Curry leaves:20, "
    "Green chillies 100 g:55, Limes 5:50, Bananas ambul 500 g:110, Papaya half:130, Pineapple:240, Mango:150, "
    "Curd clay pot:380, Fresh milk 500 ml:210, Eggs 6:290, Chicken 500 g:560, Seer fish 250 g:720, "
    "Tuna 250 g:450, Coconut:120",
    "dry": "Red rice 1 kg:230, White rice 1 kg:210, Samba rice 1 kg:250, Dhal 250 g:100, Chickpeas 250 g:130, "
    "Green gram 250 g:140, Wheat flour 500 g:110, Sugar 500 g:120, Salt 400 g:60, Coconut oil 375 ml:340, "
    "Dried sprats 100 g:180, Chilli powder 100 g:160, Turmeric 50 g:95, Roasted curry powder 100 g:150, "
    "Tea 200 g:310, Noodles:140, Cream crackers:170, Milk powder 400 g:980, Soya mince 90 g:115, Papadam:80",
    "luxury": "Dark chocolate 100 g:640, Aged cheddar 200 g:1450, Olive oil 250 ml:1650, Smoked salmon 100 g:1900, "
    "Roasted cashews 100 g:520, Strawberries 200 g:680, Avocado oil 250 ml:2100, Fine coffee 200 g:1350, "
    "Ceylon silver tips 50 g:1700, Camembert 125 g:1250, Berry jam 250 g:780, Sourdough loaf:590, Almonds 100 g:620, "
    "Ice cream 500 ml:890, Truffle salt 50 g:1150",
}


@dataclass(frozen=True)
class Shelf:
    """The items of one category: keys, names and prices side by side."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    prices: NDArray[np.float64]


def _shelf(category: str, listed: str) -> Shelf:
    pairs = [one.rsplit(":", 1) for one in listed.split(", ")]
    keys = tuple(f"{category[0].upper()}{n:02}" for n in range(1, len(pairs) + 1))
    return Shelf(keys, tuple(name for name, _ in pairs), np.array([float(price) for _, price in pairs]))


SHELVES = {category: _shelf(category, listed) for category, listed in _SHELVES.items()}


def put_in(lines: pa.Table, seed: int) -> pa.Table:
    """Lines of the chain with what was bought: item, item_name, quantity, unit_price.

    The amounts stay as they are: of the item drawn, so many pieces as come nearest, at the price that gives the amount.
    """
    rng = np.random.default_rng([seed, 3])
    category, amount = lines["category"].to_numpy(zero_copy_only=False), lines["amount"].to_numpy()
    item, price = np.empty(len(amount), np.int64), np.empty(len(amount))
    start, keys, names = 0, list[str](), list[str]()
    for name, shelf in SHELVES.items():
        rows = np.flatnonzero(category == name)
        cheap_first = np.argsort(shelf.prices, kind="stable")
        fits = np.searchsorted(shelf.prices[cheap_first], amount[rows] * 1.15).clip(
            1
        )  # how many cost no more than this
        drawn = cheap_first[(rng.random(len(rows)) * fits).astype(np.int64)]
        item[rows], price[rows] = start + drawn, shelf.prices[drawn]
        keys += shelf.keys
        names += shelf.names
        start += len(shelf.keys)
    quantity = np.maximum(1, np.round(amount / price))
    at = pa.array(item)
    return (
        lines.append_column("item", pa.array(keys).take(at))
        .append_column("item_name", pa.array(names).take(at))
        .append_column("quantity", pa.array(quantity))
        .append_column("unit_price", pa.array(np.round(amount / quantity, 4)))
    )
