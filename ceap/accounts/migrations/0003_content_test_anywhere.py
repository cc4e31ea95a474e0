"""Give the built-in roles that may send tests to any address the permission for it."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def grant(apps: Any, schema_editor: Any) -> None:
    for role in apps.get_model("accounts", "Role").objects.filter(key__in=("administrator", "marketing_manager")):
        role.grants = {**role.grants, "content_test_anywhere": "all"}
        role.save(update_fields=["grants"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_salt")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
