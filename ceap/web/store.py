"""The store's migrations: applied at start, never backwards."""

from __future__ import annotations

import logging
import threading

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from ceap.kit.process import StartRefused

log = logging.getLogger("ceap.store")
_MIGRATION_LOCK = 7_230_009


def pending() -> list[str]:
    """Migrations of this code that the store lacks, as "app.name".

    Raises:
        StartRefused: the store has migrations that this code does not know.
    """
    executor = MigrationExecutor(connection)
    loader = executor.loader
    newer = sorted(
        f"{app}.{name}"
        for app, name in set(loader.applied_migrations) - set(loader.disk_migrations)
        if app in loader.migrated_apps
    )
    if newer:
        raise StartRefused(
            f"The store is newer than this version of CEAP (it has {', '.join(newer)}). "
            "Start the version that wrote it, or restore a backup made with this one."
        )
    targets = loader.graph.leaf_nodes()
    return [f"{migration.app_label}.{migration.name}" for migration, _ in executor.migration_plan(targets)]


def prepare() -> int:
    """Bring the store up to this code; returns how many migrations were applied.

    Raises:
        StartRefused: the store is newer than the code.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
        try:
            missing = pending()
            if missing:
                log.info("bringing the store up to date: %d migrations", len(missing))
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
    return len(missing)


def wait(stop: threading.Event) -> bool:
    """Wait until an app has brought the store up to this code; False when `stop` was set before."""
    told = False
    while not stop.is_set():
        try:
            if not pending():
                return True
        except OperationalError as error:
            log.warning("the store cannot be reached: %s", error)
        if not told:
            log.info("waiting for the app to bring the store up to date")
            told = True
        connection.close()
        stop.wait(0.25)
    return False
