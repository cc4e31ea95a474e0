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
