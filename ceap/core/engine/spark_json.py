"""JSON on Spark by its own functions: Ibis would send every value to Python, and pandas, on the executors."""

from __future__ import annotations

from typing import Any

import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from ceap.core.engine.sql import key_of

_NUMBERS = ("BIGINT", "DOUBLE", "FLOAT", "DECIMAL")


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's compiler for Spark, with JSON as a variant: a text is told from a number and from true and false."""

    __slots__ = ()
    SIMPLE_OPS: dict[Any, str] = {}  # inherited ones would replace the methods below

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if to.is_json() and op.arg.dtype.is_string():
            return self.f.anon.try_parse_json(arg)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_JSONGetItem(self, op: Any, *, arg: Any, index: Any) -> Any:  # noqa: N802
        place = _place(op.index.value) if op.index.dtype.is_string() else f"[{op.index.value}]"
        return self.f.anon.try_variant_get(arg, sge.convert(f"${place}"), sge.convert("variant"))

    def visit_UnwrapJSONString(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of(arg, ("STRING",), "string")

    def visit_UnwrapJSONFloat64(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of(arg, _NUMBERS, "double")

    def visit_UnwrapJSONBoolean(self, op: Any, *, arg: Any) -> Any:  # noqa: N802
        return self._of(arg, ("BOOLEAN",), "boolean")

    def _of(self, arg: Any, kinds: tuple[str, ...], type: str) -> Any:
        """The value when it is of one of `kinds`, else null."""
        kind = self.f.anon.schema_of_variant(arg)
        fits = [self.f.anon.startswith(kind, sge.convert(one)) for one in kinds]
        value = self.f.anon.try_variant_get(arg, sge.convert("$"), sge.convert(type))
        return self.if_(self.f.coalesce(sge.or_(*fits), sge.false()), value, sge.null())


def _place(name: str) -> str:
    """A key, or the JSON pointer of one, as a path of Spark, in whose brackets no "?" can stand."""
    name = key_of(name)
    return f".{name}" if "?" in name and "." not in name and "[" not in name else f'["{name}"]'


compiler = Compiler()
