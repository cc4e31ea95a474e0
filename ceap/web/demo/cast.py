"""Who works in a demo, and who its mail is from."""

from __future__ import annotations

from dataclasses import dataclass

from ceap.kit.home import Home

PASSWORD = "ceap-demo-2026"  # noqa: S105  fixed and documented: a demo home listens on loopback and holds made-up people


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


def logins() -> tuple[Login, ...]:
    """Who can sign in to a demo, with the fixed passwords."""
    return LOGINS


def users() -> dict[str, int]:
    """Make the demo's users; the first of each role."""
    from ceap.accounts.actions import create_user
    from ceap.accounts.contracts import SYSTEM

    made: dict[str, int] = {}
    for login in LOGINS:
        user = create_user(SYSTEM, email=login.email, name=login.name, role=login.role, password=login.password)
        made.setdefault(login.role, int(user.pk))
    return made


def sender(name: str, address: str) -> None:
    """Who demo mail is from: it goes to the mail sink, which delivers nothing."""
    from ceap.accounts.contracts import SYSTEM
    from ceap.channels import sink
    from ceap.channels.actions import create_sender

    create_sender(
        SYSTEM, provider="smtp", name=name, from_name=name, from_address=address,
        config=sink.config_of(Home.load()), default=True,
    )  # fmt: skip
