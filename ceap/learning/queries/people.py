"""Rows of a file as customers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ceap.core.learning.amounts import MISSING
from ceap.core.learning.table import texts
from ceap.customers import queries as customers

MANY = 100_000  # ids from which on reading all there are is faster than asking for each
AS_WRITTEN = ("customer_id",)  # kinds whose values are compared as they stand


def keys_of(column: pa.ChunkedArray) -> pa.Array:
    """The ids of a column without spaces around; null where a row has none."""
    words = pc.utf8_trim_whitespace(texts(column).combine_chunks())
    nothing = pc.is_in(pc.utf8_lower(words), pa.array(sorted(MISSING)))
    return pc.if_else(pc.fill_null(nothing, True), pa.scalar(None, pa.string()), words)


def matched(kind: str, keys: pa.Array) -> NDArray[np.int64]:
    """The customer that each id names, 0 where none is; of ids that name the same customer the first."""
    coded = keys.dictionary_encode()
    found = _named(kind, coded.dictionary)
    who = np.append(found, 0)[coded.indices.fill_null(len(found)).to_numpy()]
    first = np.zeros(len(who), bool)
    first[np.unique(who, return_index=True)[1]] = True
    return np.where(first, who, 0)


def _named(kind: str, words: pa.Array) -> NDArray[np.int64]:
    """Whom each of these different words names, 0: nobody."""
    given = words.to_pylist()
    if len(given) < MANY or kind not in AS_WRITTEN:
        found = customers.named_by(kind, given)
        return np.array([found.get(word, 0) for word in given], np.int64)
    known = list(customers.named(kind))
    at = pc.index_in(words, pa.array([value for value, _ in known], pa.string()))
    who = np.array([customer for _, customer in known] + [0], np.int64)
    return np.asarray(who[at.fill_null(len(known)).to_numpy()])
