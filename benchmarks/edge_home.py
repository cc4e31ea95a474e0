"""A home with customers and a key, for the benchmarks of the edge."""

from __future__ import annotations

import os

KEY = "ceap_srv_benchmark_0123456789abcdef"


def fill(customers: int) -> int:
    """Make the home of `$CEAP_HOME` with this many customers; returns the port its edge will listen on."""
    from benchmarks.frame import free_port

    port = free_port()
    os.environ |= {"CEAP_EDGE_PORT": str(port), "DJANGO_SETTINGS_MODULE": "ceap.web.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from ceap.accounts.models import ApiKey
    from ceap.customers.models import Customer, Identity
    from ceap.kit.clock import now
    from ceap.kit.home import Home
    from ceap.kit.ids import digest

    Home.load().create()
    call_command("migrate", verbosity=0)
    scopes = ["events:write", "customers:read", "customers:write"]
    at = now()
    ApiKey.objects.create(
        name="bench", kind="server", prefix=KEY[:14], digest=digest(KEY), scopes=scopes, created_at=at
    )
    for start in range(0, customers, 10_000):
        numbers = range(start, min(start + 10_000, customers))
        rows = Customer.objects.bulk_create(
            [
                Customer(
                    customer_id=f"C{n}", full_name=f"Person {n}", email=f"p{n}@example.test", city="Bandung",
                    phone=f"+62811{n:08}", custom={"shoe": n % 50, "plan": "gold"}, created_at=at, updated_at=at,
                )
                for n in numbers
            ],
            batch_size=500,
        )  # fmt: skip
        Identity.objects.bulk_create(
            [
                Identity(customer_id=row.pk, kind=kind, value=value, created_at=at)
                for row in rows
                for kind, value in (("email", row.email), ("customer_id", row.customer_id), ("phone", row.phone))
            ],
            batch_size=2_000,
        )
    return port
