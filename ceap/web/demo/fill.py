"""Making and filling a demo home, through the product's own actions."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from ceap.kit.clock import now
from ceap.kit.home import Home
from ceap.kit.problem import Conflict

SCENARIOS = ("retail",)
ZONE = "Europe/London"
PASSWORD = "ceap-demo-2026"  # noqa: S105  fixed and documented: a demo home listens on loopback and holds made-up people
Say = Callable[[str], None]


@dataclass(frozen=True)
class Login:
    """A user of the demo."""

    role: str
    name: str
    email: str
    password: str = PASSWORD


LOGINS = (
    Login("administrator", "Ada Admin", "admin@demo.test"),
    Login("marketing_manager", "Max Manager", "manager@demo.test"),
    Login("marketing_executive", "Eve Executive", "executive@demo.test"),
    Login("analyst", "Ann Analyst", "analyst@demo.test"),
    Login("agent", "Abe Agent", "agent@demo.test"),
    Login("agent", "Amy Agent", "agent2@demo.test"),
)
FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Interests", "multiple", ("Baking", "Gardening", "Vintage", "Christmas", "Kids", "Stationery")),
    ("Wholesale", "boolean", ()),
    ("Satisfaction", "number", ()),
    ("Last call", "date", ()),
    ("Shop website", "url", ()),
    ("Preferred contact", "dropdown", ("Email", "WhatsApp", "Phone")),
)
SETTINGS = """# A demo: made-up people, a mail sink on loopback that delivers nothing.
sink = true
smtp_host = "127.0.0.1"
smtp_port = 8025
"""


def logins() -> tuple[Login, ...]:
    """Who can sign in to a demo, with the fixed passwords."""
    return LOGINS


def prepare(home: Home, *, reset: bool = False) -> Home:
    """Make the folder and settings of a demo home; with `reset`, or when a fill was cut short, from nothing.

    Raises:
        Conflict: the home is in use, or it is no demo.
    """
    from ceap.kit.lock import holder

    settings = home.path / "settings.toml"
    made_here = not home.path.exists() or (settings.exists() and settings.read_text().startswith("# A demo"))
    if reset and home.path.exists():
        if found := holder(home):
            raise Conflict(f"The demo is running (process {found.pid}): stop it first, then start over.")
        if not made_here:
            raise Conflict(f"{home.path} is not the home of a demo; nothing was removed.")
        if home.store_file is None:
            raise Conflict("The demo is on PostgreSQL: drop and create its database, and remove the home yourself.")
        shutil.rmtree(home.path)
    home.create()
    if not settings.exists():
        settings.write_text(SETTINGS)
    return Home.load(home.path)


def filled() -> str:
    """The scenario this home is filled with; "" = not, or not to the end."""
    from ceap.accounts.queries import organisation

    return str(organisation().scenario)


def fill(scenario: str, say: Say) -> dict[str, int]:
    """Fill an empty home; `say` is told each step.

    Returns:
        How many of what there are.

    Raises:
        Conflict: the home holds customers already.
    """
    from ceap.accounts.actions import change_organisation
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import has_users
    from ceap.customers.queries import visible_to
    from ceap.events.queries import close_warehouse, warehouse
    from ceap.web.demo.people import people
    from ceap.web.demo.retail import Retail

    if visible_to(SYSTEM).exists() or has_users():
        raise Conflict("This home is not empty: `--reset` starts over.")
    say("Organisation and users")
    change_organisation(
        SYSTEM, name="Gift House (demo)", time_zone=ZONE, currency="GBP", settings={"default_region": "GB"}
    )
    by_role = _users()
    today = now().astimezone(ZoneInfo(ZONE)).date()
    say("Made-up people for 4,372 real customer numbers")
    data = Retail(today)
    for label, kind, options in FIELDS:
        from ceap.customers.actions import add_field

        add_field(SYSTEM, label, kind, options=options)
    owners = [login.email for login in LOGINS if login.role == "agent"]
    _bring("customers", "people.parquet", people(data.buyers(), owners, today), {})
    say("Items")
    _bring("items", "items.parquet", data.items(), {})
    say("541,909 purchases")
    _bring("purchases", "online_retail.parquet", data.purchases(), {"chunk": 200_000})
    say("Visits (synthetic)")
    _bring("events", "visits.parquet", data.events(), {"chunk": 200_000}, {"origin": "prop:origin"})
    say("Warehouse")
    house = warehouse()
    house.sync()
    counts = {name: house.count(name) for name in ("customers", "items", "purchases", "events")}
    say("Sender, templates and segments")
    _sender()
    _starters(by_role)
    change_organisation(SYSTEM, scenario=scenario)
    house.sync()
    close_warehouse()
    return counts


def _users() -> dict[str, int]:
    from ceap.accounts.actions import create_user
    from ceap.accounts.contracts import SYSTEM

    made: dict[str, int] = {}
    for login in LOGINS:
        user = create_user(SYSTEM, email=login.email, name=login.name, role=login.role, password=login.password)
        made.setdefault(login.role, int(user.pk))
    return made


def _sender() -> None:
    """Who demo mail is from: it goes to the mail sink, which delivers nothing."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.channels import sink
    from ceap.channels.actions import create_sender

    create_sender(
        SYSTEM, provider="smtp", name="Gift House", from_name="Gift House", from_address="hello@gifthouse.test",
        config={"host": "127.0.0.1", "port": sink.port(Home.load()), "security": "none"}, default=True,
    )  # fmt: skip


def _bring(
    target: str, name: str, table: pa.Table, options: Mapping[str, object], renamed: Mapping[str, str] | None = None
) -> None:
    """Import a table as a file that somebody uploaded."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.connectors import actions
    from ceap.connectors.queries import get
    from ceap.jobs.actions import run

    out = io.BytesIO()
    pq.write_table(table, out)
    row = actions.upload(SYSTEM, target, name, [out.getvalue()])
    mapping = {column: (renamed or {}).get(column, column) for column in table.column_names}
    row = actions.start(SYSTEM, row.pk, mapping, options)
    run(str(row.job_id))
    row = get(SYSTEM, row.pk)
    if row.state != "done" or row.rejected:
        raise Conflict(f"{name}: {row.state}, {row.rejected} rows were rejected. {row.message}")


def _starters(by_role: Mapping[str, int]) -> None:
    """A template and two segments, made by the marketing manager."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import actor_of, user
    from ceap.content import actions as content
    from ceap.segments import actions as segments

    manager = actor_of(user(SYSTEM, by_role["marketing_manager"]))
    content.create(manager, name="Spring offer", starter_key="offer")
    content.create(manager, name="Welcome", starter_key="welcome")
    bought = {"kind": "behaviour", "behaviour": "purchased", "comparison": "at_least"}
    window = {"count": 365, "unit": "days"}
    source = {"kind": "field", "field": "source", "operator": "is", "value": "WhatsApp"}
    segments.create(
        manager, name="Loyal WhatsApp buyers", description="At least three orders in a year, came by WhatsApp",
        rule=_rule(source, {**bought, "times": 3, "window": window}),
    )  # fmt: skip
    segments.create(
        manager, name="Bought once, a while ago", description="One order ever, none in the last 180 days",
        rule=_rule(
            {**bought, "comparison": "exactly", "times": 1},
            {**bought, "comparison": "exactly", "times": 0, "window": {"count": 180, "unit": "days"}},
        ),
    )  # fmt: skip
    segments.build_pending(None, lambda done, total, message: None)


def _rule(*conditions: Mapping[str, object]) -> dict[str, object]:
    return {"join": "and", "groups": [{"join": "and", "conditions": [dict(c) for c in conditions]}]}
