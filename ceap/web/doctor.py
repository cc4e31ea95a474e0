"""What `ceap doctor` looks at."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ceap.kit.home import Home
from ceap.kit.lock import holder
from ceap.kit.process import StartRefused

LOOK_SECONDS = 3.0
LEAST_DISK, SOME_DISK = 64 * 1024**2, 2 * 1024**3  # bytes


@dataclass(frozen=True)
class Finding:
    """One line. state: "ok", "warn" (works, look at it), "fail" (does not work), "info". `remedy`: what to do."""

    state: str
    what: str
    found: str
    remedy: str = ""


def examine(home: Home) -> list[Finding]:
    """Every check, in order; one that breaks is a failed one."""
    findings: list[Finding] = []
    there = (_store, _values, _warehouse, _rates, _disk, _mail) if home.path.is_dir() else ()
    for check in (_versions, _files, *there, _ports, _programs):
        try:
            findings += check(home)
        except Exception as error:
            name = check.__name__.strip("_")
            findings.append(
                Finding("fail", name, f"{type(error).__name__}: {error}", "Look at what it says, mend it, ask again.")
            )
    return findings


def as_json(findings: list[Finding]) -> dict[str, object]:
    return {"ok": all(f.state != "fail" for f in findings), "findings": [asdict(f) for f in findings]}


def _versions(home: Home) -> Iterator[Finding]:
    import pysqlite3

    from ceap.kit.sqlite import FLOOR

    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Finding("ok" if good else "fail", "Python", version, "" if good else "Install Python 3.11 or newer.")
    good = pysqlite3.sqlite_version_info >= FLOOR
    remedy = "" if good else "Install pysqlite3 >= 0.6.1: older SQLite can corrupt its log."
    yield Finding("ok" if good else "fail", "SQLite", pysqlite3.sqlite_version, remedy)


def _files(home: Home) -> Iterator[Finding]:
    if not home.path.is_dir():
        yield Finding("fail", "home", f"{home.path} does not exist", "Run `ceap init`, or give --home.")
        return
    writable = os.access(home.path, os.W_OK)
    yield Finding(
        "ok" if writable else "fail", "home", str(home.path), "" if writable else "Let this user write to it."
    )
    exposed = home.open_to_others()
    worst = "fail" if {home.path, home.path / "secret.key"} & set(exposed) else "warn"
    found = f"{len(exposed):,} folders or files are open to others: {exposed[0]} …" if exposed else "private"
    remedy = f"chmod -R go= {home.path} (a start of CEAP does it)" if exposed else ""
    yield Finding(worst if exposed else "ok", "home's files", found, remedy)


def _store(home: Home) -> Iterator[Finding]:
    from django.db import Error, connection

    from ceap.web import store

    if home.store_file and not home.store_file.exists():
        yield Finding("fail", "store", f"{home.store_file} does not exist", "Run `ceap init`.")
        return
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA quick_check")
                said = cursor.fetchone()[0]
                remedy = "" if said == "ok" else "Stop CEAP and restore the last backup (docs/operate/backup.md)."
                yield Finding("ok" if said == "ok" else "fail", "store integrity", said, remedy)
            else:
                cursor.execute("SHOW server_version")
                yield Finding("ok", "PostgreSQL", cursor.fetchone()[0])
    except Error as error:
        yield Finding("fail", "store", str(error).strip(), "Start the database, or mend CEAP_STORE_URL.")
        return
    try:
        missing = store.pending()
    except StartRefused as refused:
        yield Finding("fail", "migrations", refused.detail, "Start the newer version of CEAP.")
    else:
        found = f"{len(missing)} to apply" if missing else "up to date"
        yield Finding(
            "warn" if missing else "ok", "migrations", found, "Starting CEAP applies them." if missing else ""
        )


def _values(home: Home) -> Iterator[Finding]:
    """Values that older versions stored in another form; as many customers as can be looked at in a few seconds."""
    from ceap.customers.queries import unmended

    if home.store_file and not home.store_file.exists():
        return
    found = unmended(LOOK_SECONDS)
    of = (
        f"{found.looked:,} customers"
        if found.looked >= found.of
        else f"the first {found.looked:,} of {found.of:,} customers"
    )
    said = (
        f"{found.odd:,} of {of} hold a value that is not in the form in which it is read"
        if found.odd
        else f"{of}: in form"
    )
    remedy = "`ceap values mend` brings them into it and names what it cannot read." if found.odd else ""
    yield Finding("warn" if found.odd else "ok", "stored values", said, remedy)


def _warehouse(home: Home) -> Iterator[Finding]:
    from ceap.events.queries import lags

    if (missing := _engine_trouble(home)) is not None:
        yield Finding(
            "fail", "warehouse", missing, "Mend CEAP_WAREHOUSE_URL or what it names: docs/operate/warehouse.md."
        )
        return
    lag = next((one for one in lags() if one.consumer == "warehouse"), None)
    if lag is None:
        yield Finding("info", "warehouse", "has not been loaded yet", "Starting CEAP loads it.")
        return
    behind = f"{lag.entries:,} entries behind, the oldest {lag.seconds:.0f} s old"
    runs = holder(home) is not None
    late = runs and lag.seconds > 60
    yield Finding(
        "warn" if late else "ok",
        "warehouse lag",
        behind,
        "`ceap warehouse rebuild` if it does not shrink." if late else "",
    )
    if not runs and (home.path / "warehouse.duckdb").exists() and home.warehouse_url.startswith("duckdb"):
        from ceap.events.queries import warehouse

        yield Finding("ok", "warehouse", f"opens, as of {warehouse().as_of.isoformat(timespec='seconds')}")


def _rates(home: Home) -> Iterator[Finding]:
    """Purchases in currencies without a rate; not looked at while the app holds the warehouse."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.events.queries import apart, remedy

    duckdb = home.warehouse_url.startswith("duckdb")
    if duckdb and (holder(home) is not None or not (home.path / "warehouse.duckdb").exists()):
        return
    for one in apart(SYSTEM):
        yield Finding("warn", "currencies", f"{one.lines:,} purchases in {one.currency} are in no amount", remedy(one))


def _engine_trouble(home: Home) -> str | None:
    """Why the warehouse's engine cannot be reached; None when it can."""
    from ceap.core import engine

    try:
        engine.check(home.warehouse_url)
    except (engine.Unreachable, engine.Unsupported) as error:
        return str(error)
    return None


def _ports(home: Home) -> Iterator[Finding]:
    ours = holder(home) is not None
    for name, port in (("app", home.app_port), ("edge", home.edge_port)):
        with socket.socket() as probe:
            probe.settimeout(1)
            taken = probe.connect_ex((home.host, port)) == 0
        if taken and not ours:
            remedy = f"Stop what listens there, or set CEAP_{name.upper()}_PORT."
            yield Finding("fail", f"port {port} ({name})", "taken by another program", remedy)
        else:
            yield Finding("ok", f"port {port} ({name})", "in use by this home" if taken else "free")


def _disk(home: Home) -> Iterator[Finding]:
    free = shutil.disk_usage(home.path).free
    state = "fail" if free < LEAST_DISK else "warn" if free < SOME_DISK else "ok"
    yield Finding(
        state, "disk", f"{free / 1024**3:.1f} GiB free", "" if state == "ok" else "Make room for the store and its log."
    )


def _mail(home: Home) -> Iterator[Finding]:
    from ceap.channels.models import Sender
    from ceap.core import outbound

    sender = Sender.objects.filter(archived_at=None, channel="email").order_by("-default", "created_at").first()
    if sender is None:
        yield Finding("warn", "mail", "no sender identity", "Add one (Settings → Channels) before the first campaign.")
        return
    host, port = str(sender.config.get("host", "")), int(sender.config.get("port", 25) or 25)
    if sender.provider != "smtp" or not host:
        yield Finding("info", "mail", f"{sender.name} sends through {sender.provider}")
        return
    try:
        with outbound.connect_mail_server(host, port, seconds=5, policy=outbound.Policy.of(home)):
            yield Finding("ok", "mail", f"{host}:{port} answers ({sender.name})")
    except outbound.Refused as refused:
        remedy = "Set outbound_private or outbound_mail_ports in settings.toml, or name another server."
        yield Finding("fail", "mail", f"{host}:{port}: {refused}", remedy)
    except (OSError, outbound.Unreachable) as error:
        remedy = "Mend host and port of the sender identity, or the firewall."
        yield Finding("fail", "mail", f"{host}:{port} does not answer: {error}", remedy)


def _programs(home: Home) -> Iterator[Finding]:
    for name, programs in (("Node", ("node",)), ("Java", ("java",)), ("Chromium", ("chromium", "google-chrome"))):
        path = next((found for program in programs if (found := shutil.which(program))), "")
        yield Finding("info", name, path or "not there (only for development)")
