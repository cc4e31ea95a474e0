"""Uploaded lists are kept as they came: those of before were turned into UTF-8, and their form has to say so."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def in_utf8(apps: Any, schema_editor: Any) -> None:
    """Name the encoding that the kept file has."""
    table = apps.get_model("segments", "IdList")
    for row in table.objects.using(schema_editor.connection.alias).only("pk", "form").iterator():
        if row.form.get("kind") == "csv" and row.form.get("encoding") not in ("utf-8", "utf-8-sig"):
            table.objects.using(schema_editor.connection.alias).filter(pk=row.pk).update(
                form=row.form | {"encoding": "utf-8"}
            )


class Migration(migrations.Migration):
    dependencies = [("segments", "0007_long_lists")]
    operations = [migrations.RunPython(in_utf8, migrations.RunPython.noop)]
