"""Identities in the form in which they are read since: composed (NFC), one blank between words.

An import that names E + accent would otherwise make a second customer beside the one that was stored so.
"""

import unicodedata

from django.db import migrations
from django.db.models import Q


def compose(apps, schema_editor):
    Identity, SearchText = apps.get_model("customers", "Identity"), apps.get_model("customers", "SearchText")
    odd = Q(value__regex=r"[^ -~]") | Q(value__contains="  ")
    for row in Identity.objects.filter(odd).exclude(kind__in=["email", "phone"]).iterator(chunk_size=2_000):
        one = " ".join(unicodedata.normalize("NFC", row.value).split())
        # Two customers may have had the two spellings of one id: the second keeps its own and is merged by hand.
        if one not in ("", row.value) and not Identity.objects.filter(kind=row.kind, value=one).exists():
            Identity.objects.filter(pk=row.pk).update(value=one)
    for row in SearchText.objects.filter(text__regex=r"[^ -~]").iterator(chunk_size=2_000):
        one = unicodedata.normalize("NFC", row.text)
        if one != row.text:
            SearchText.objects.filter(pk=row.pk).update(text=one)


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_hold_retentionrun")]
    operations = [migrations.RunPython(compose, migrations.RunPython.noop)]
