"""JSON on Spark stays in Spark: no function of Ibis's own, which would need Python and pandas on the executors."""

from __future__ import annotations

import ibis
import pytest
import sqlglot.expressions as sge

from ceap.core.engine.spark_json import compiler


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("/a.b", '["a.b"]'),
        ("/$c", '["$c"]'),
        ("/a~1b~0", '["a/b~"]'),
        ("/which one?", ".which one?"),
        ("/it's", '["it\'s"]'),
    ],
)
def test_a_property_is_asked_for_by_its_whole_name(pointer: str, path: str) -> None:
    table = ibis.table({"props": "string"}, name="events")
    (literal,) = [
        one.this
        for one in compiler.to_sqlglot(table.select(x=table.props.cast("json")[pointer].str)).find_all(sge.Literal)
        if str(one.this).startswith("$") and len(str(one.this)) > 1
    ][:1]
    assert literal == f"${path}"


@pytest.mark.parametrize("kind", ["str", "float", "bool"])
def test_a_value_of_json_is_taken_by_functions_of_spark(kind: str) -> None:
    table = ibis.table({"props": "string"}, name="events")
    found = getattr(table.props.cast("json")["my size"], kind)
    sql = compiler.to_sqlglot(table.select(found=found)).sql("spark")
    assert "TRY_VARIANT_GET(TRY_PARSE_JSON(`t0`.`props`), '$[\"my size\"]', 'variant')" in sql
    assert "unwrap_json" not in sql.lower()
