import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from ceap.core import bitmaps

keys = st.sets(st.integers(0, bitmaps.LARGEST), max_size=200)


@settings(deadline=None)
@given(keys)
def test_what_is_packed_comes_back(ids: set[int]) -> None:
    assert set(bitmaps.unpack(bitmaps.pack(bitmaps.of(ids)))) == ids


@settings(deadline=None)
@given(st.lists(st.booleans() | st.none(), max_size=100))
def test_a_null_flag_counts_as_false(flags: list[bool | None]) -> None:
    ids = np.arange(7, 7 + len(flags))
    expected = {7 + n for n, flag in enumerate(flags) if flag}
    half = len(flags) // 2
    parts = pa.chunked_array([pa.array(flags[:half], pa.bool_()), pa.array(flags[half:], pa.bool_())])
    assert set(bitmaps.where(ids, parts)) == expected
    assert set(bitmaps.where(ids, pa.array(flags, pa.bool_()))) == expected


@settings(deadline=None, max_examples=40)
@given(
    first=st.sampled_from([0, 1, 65_535, 65_536, 200_000, bitmaps.LARGEST - 150_000]),
    size=st.sampled_from([0, 1, 2, 5_000, 150_000]),
    held=st.sampled_from([0.01, 0.2, 0.9, 1.0]),  # of the keys in between, those that are customers
    part=st.sampled_from([0.0, 0.001, 0.06, 0.0625, 0.5, 1.0]),  # of them, those whose flag is true
    seed=st.integers(0, 9),
)
def test_rows_give_the_same_bitmaps_wherever_their_keys_lie(
    first: int, size: int, held: float, part: float, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    ids = first + np.flatnonzero(draw.random(size) < held)
    pieces = [ids[at : at + 700] for at in range(0, len(ids), 700)]  # as the warehouse gives them: in runs, unordered
    draw.shuffle(pieces)
    ids = np.concatenate([*pieces, np.empty(0, np.int64)])
    rows = bitmaps.Rows(ids)
    assert rows.everyone == bitmaps.of(ids)
    for _ in range(2):  # the second column finds nothing of the first
        flags = pa.array(
            np.where(draw.random(len(ids)) < 0.1, np.array(None), draw.random(len(ids)) < part), pa.bool_()
        )
        found = rows.where(flags)
        assert found == bitmaps.where(ids, flags)
        assert found == rows.where(pa.concat_arrays([pa.array([True, None, False]), flags])[3:])
        assert found == rows.where(pa.chunked_array([flags[:701], flags[701:]]))
        assert bitmaps.pack(found) == bitmaps.pack(bitmaps.where(ids, flags))
        part = 1 - part


@pytest.mark.parametrize("bad", [b"", b"abc", bitmaps.pack(BitMap(range(0, 5000, 3)))[:-1]])
def test_damaged_bytes_are_named_as_such(bad: bytes) -> None:
    with pytest.raises(bitmaps.DamagedBitmap):
        bitmaps.unpack(bad)


@pytest.mark.parametrize("key", [-1, bitmaps.LARGEST + 1])
def test_a_key_that_does_not_fit_is_refused(key: int) -> None:
    with pytest.raises(OverflowError):
        bitmaps.of(np.array([1, key]))


def test_paging_continues_above_a_key() -> None:
    bitmap = BitMap([1, 5, 9])
    assert list(bitmaps.after(bitmap, None)) == [1, 5, 9]
    assert list(bitmaps.after(bitmap, 5)) == [9]
    assert list(bitmaps.after(bitmap, 4)) == [5, 9]
    assert list(bitmaps.after(bitmap, 9)) == []
