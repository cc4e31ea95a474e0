"""Fill a home with customers and plan one campaign to all of them: COUNT PORT; prints the source id."""

from __future__ import annotations

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"


def main(count: int, port: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.channels import people

    ids = people.customers(count)
    version = people.version(links=["https://shop.test/a"])
    identity = people.smtp_sender(port, config={"timeout": 20, "connections": 3})
    print(people.plan(ids, identity, content_version_id=version.pk))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
