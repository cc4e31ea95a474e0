"""Keep what keys are found by, and what their holders sign with, apart: the first as a digest, the second sealed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations, models

from ceap.kit.ids import digest_of
from ceap.kit.seal import seal


def separate(apps: Any, schema_editor: Any) -> None:
    """The digest of before is what holders sign with: it is sealed, and its own digest takes its place."""
    for key in apps.get_model("accounts", "ApiKey").objects.all():
        if key.kind == "server":
            key.sealed = seal(settings.HOME.secret, {"key": key.digest})
        key.digest = digest_of(key.digest)
        key.save(update_fields=["digest", "sealed"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_content_test_anywhere")]

    operations = [
        migrations.AddField("apikey", "sealed", models.BinaryField(default=bytes)),
        migrations.RunPython(separate),
    ]
