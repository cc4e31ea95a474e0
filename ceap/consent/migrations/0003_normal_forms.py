"""Addresses in their normal form; the marketing field is the answer for every channel, and only for that.

Nobody loses a standing that was rightly given, nobody keeps one that was not: until now a consent for one channel set the
customer's field, which opened all the others. Where no record says that every channel was meant, the field is empty
again; the records of single channels stay and rule.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q

from ceap.core import addresses


def fields(apps, schema_editor):
    Customer, Record = apps.get_model("customers", "Customer"), apps.get_model("consent", "ConsentRecord")
    said = Record.objects.filter(customer=OuterRef("pk"), purpose__in=["marketing", "*"])
    opened = Customer.objects.filter(Exists(said.filter(granted=True).exclude(channel="*")), marketing_opt_in=True)
    newest = said.filter(channel="*").order_by("-pk")
    opened.filter(~Exists(newest)).update(marketing_opt_in=None, marketing_opt_in_at=None)
    for row in opened.filter(Exists(newest)).only("pk").iterator(chunk_size=2_000):
        last = Record.objects.filter(customer=row.pk, purpose__in=["marketing", "*"], channel="*").order_by("-pk").first()
        if not last.granted:
            Customer.objects.filter(pk=row.pk).update(marketing_opt_in=False)


def spellings(apps, schema_editor):
    Suppression, Identity = apps.get_model("consent", "Suppression"), apps.get_model("customers", "Identity")
    for row in Suppression.objects.iterator(chunk_size=2_000):
        one = addresses.normal(row.address)
        if one == row.address:
            continue
        if Suppression.objects.filter(channel=row.channel, purpose=row.purpose, address=one).exists():
            row.delete()
        else:
            Suppression.objects.filter(pk=row.pk).update(address=one)
    odd = Q(value__contains="xn--") | Q(value__regex=r"[^ -~]")
    for row in Identity.objects.filter(odd, kind="email").iterator(chunk_size=2_000):
        one = addresses.email(row.value)
        # Two customers may have had the two spellings of one address: the second keeps its own and is merged by hand.
        if one != row.value and not Identity.objects.filter(kind="email", value=one).exists():
            Identity.objects.filter(pk=row.pk).update(value=one)


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_erased_addresses"), ("customers", "0003_customer_file")]
    operations = [
        migrations.RunPython(fields, migrations.RunPython.noop),
        migrations.RunPython(spellings, migrations.RunPython.noop),
    ]
