"""Questions that are asked again with other moments and other customers.

Their expression holds parameters (`ibis.param`) and tables that no warehouse has (`ibis.table`); `Given` says what
these are for one run. An engine either writes that into the expression and compiles it (`Given.written`), or keeps the
SQL of the expression and puts the values where the parameters are (`KeptSQL`), which gives the same text.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import ibis
import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.sql import SQLBackend

_MARK = f"slot_{secrets.token_hex(16)}_"  # no text that anybody wrote holds it
_MARKS = re.compile(f"{_MARK}([0-9]+)_")


@dataclass(frozen=True)
class Given:
    """`values`: of parameters; `tables`: rows by the name of a table."""

    values: Mapping[ir.Scalar, Any] = field(default_factory=dict)
    tables: Mapping[str, pa.Table] = field(default_factory=dict)

    def written(self, expr: ir.Table) -> ir.Table:
        """`expr` with all that is given written into it."""
        known: dict[ops.Node, ops.Node] = {_of(param): _literal(param, value) for param, value in self.values.items()}
        for table in expr.op().find(ops.UnboundTable):
            known[table] = ibis.memtable(self.tables[table.name]).op()
        return expr.op().replace(known).to_expr()


class Slot(ops.Scalar):  # type: ignore[misc]
    """The place of a parameter in SQL."""

    number: int
    dtype: dt.DataType
    shape = ds.scalar

    @property
    def name(self) -> str:
        return f"slot_{self.number}"


class Slots:
    """For a compiler of SQL: it writes a mark for a `Slot`."""

    __slots__ = ()

    def visit_Slot(self, op: Slot, *, number: int, dtype: dt.DataType) -> sge.Expression:  # noqa: N802
        return sge.Var(this=f"{_MARK}{number}_")


class KeptSQL:
    """The SQL of expressions as long as these are held by whoever asks, for backends whose compiler has `Slots`."""

    def __init__(self) -> None:
        self._pieces: WeakKeyDictionary[ops.Node, list[Any]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def sql(self, backend: SQLBackend, expr: ir.Table, values: Mapping[ir.Scalar, Any]) -> str:
        """What `backend` compiles of `expr` with these values of its parameters."""
        with self._lock:
            pieces = self._pieces.get(expr.op())
        if pieces is None:
            pieces = self._compiled(backend, expr)
            with self._lock:
                self._pieces[expr.op()] = pieces
        texts = {_of(param): _text(backend, _literal(param, value)) for param, value in values.items()}
        return "".join(piece if isinstance(piece, str) else texts[piece] for piece in pieces)

    def _compiled(self, backend: SQLBackend, expr: ir.Table) -> list[Any]:
        """Texts, and between them the parameters whose values stand there."""
        params = list(expr.op().find(ops.ScalarParameter))
        slots = {param: Slot(n, param.dtype) for n, param in enumerate(params)}
        parts = _MARKS.split(backend.compile(expr.op().replace(slots).to_expr() if slots else expr))
        return [params[int(part)] if n % 2 else part for n, part in enumerate(parts)]


def _of(param: ir.Scalar) -> ops.ScalarParameter:
    return param.op()


def _literal(param: ir.Scalar, value: Any) -> ops.Literal:
    return ops.Literal(value, param.type())


def _text(backend: SQLBackend, literal: ops.Literal) -> str:
    written = backend.compiler.visit_Literal(literal, value=literal.value, dtype=literal.dtype)
    return str(written.sql(dialect=backend.dialect))
