"""Rows of a file as customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceap.core.learning.amounts import MISSING
from ceap.core.learning.table import texts
from ceap.customers import queries as customers


def keys_of(column: pa.ChunkedArray) -> pa.Array:
    """The ids of a column without spaces around; null where a row has none."""
    words = pc.utf8_trim_whitespace(texts(column).combine_chunks())
    nothing = pc.is_in(pc.utf8_lower(words), pa.array(sorted(MISSING)))
    return pc.if_else(pc.fill_null(nothing, True), pa.scalar(None, pa.string()), words)


def matched(kind: str, keys: pa.Array) -> NDArray[np.int64]:
    """The customer that each id names, 0 where none is; of ids that name the same customer the first."""
    coded = keys.dictionary_encode()
    words = coded.dictionary.to_pylist()
    found = customers.named_by(kind, words)
    named = np.array([*(found.get(word, 0) for word in words), 0], np.int64)
    who = named[coded.indices.fill_null(len(words)).to_numpy()]
    first = np.zeros(len(who), bool)
    first[np.unique(who, return_index=True)[1]] = True
    return np.where(first, who, 0)
