"""Which blocks of values can hold a text: none that does is left out."""

from __future__ import annotations

import random

import pyarrow as pa

from ceap.core.trigrams import BLOCK, Trigrams, joined

LETTERS = "abcdeABCDE123@. ßſKİéÉතﬁ\u0307"


def made(*values: str) -> Trigrams:
    found = Trigrams()
    found.add(pa.array(range(len(values)), pa.int64()), pa.array(values, pa.string()))
    return found


def test_every_block_that_holds_a_text_is_among_the_possible_ones() -> None:
    draw = random.Random(7)
    values = ["".join(draw.choices(LETTERS, k=draw.randrange(1, 9))) for _ in range(3 * BLOCK)]
    found = made(*values)
    for _ in range(300):
        value = draw.choice(values).casefold()
        start = draw.randrange(len(value))
        wanted = value[start : start + draw.randrange(1, 6)]
        possible = found.blocks(wanted)
        if len(wanted.encode()) < 3:
            assert possible is None
            continue
        holding = [number for number, one in enumerate(values) if wanted in one.casefold()]
        assert possible is not None
        assert all(any(least <= number <= greatest for least, greatest in possible) for number in holding)


def test_a_text_of_pieces_that_no_value_has_is_in_no_block() -> None:
    values = [f"user{n}@example.test" for n in range(5 * BLOCK)]
    values[5_000] = "Jacqueline@example.test"
    found = made(*values)
    assert found.blocks("zzqqx") == []
    assert found.blocks("jacq") == [(4_096, 6_143)]
    assert made().blocks("abc") == []


def test_a_slice_of_an_array_is_read_and_not_what_lies_before_it() -> None:
    found = Trigrams()
    found.add(pa.array([1, 2, 3])[1:2], pa.array(["first", "second", "third"])[1:2])
    assert (found.blocks("fir"), found.blocks("SECOND".casefold()), found.blocks("thi")) == ([], [(2, 2)], [])


def test_neighbours_are_joined() -> None:
    assert joined([(7, 9), (0, 3), (4, 5), (8, 12)]) == [(0, 5), (7, 12)]
