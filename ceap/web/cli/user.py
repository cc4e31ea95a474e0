"""`ceap user …`: users from the console, for first access and for when nobody can sign in any more.

Straight into the store, whether the app runs or not: passwords must not lie in the queue of jobs.
"""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed

user = typer.Typer(name="user", no_args_is_help=True, help="Users: list, create, reset.")
app.add_typer(user)

EMAIL = typer.Argument(help="The address the user signs in with.")


@user.command("list")
def index(home: str = HOME, as_json: bool = JSON) -> None:
    """Who may sign in, with which role."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import users_visible_to

    rows = [
        {
            "email": u.email,
            "name": u.name,
            "role": u.role.name,
            "active": u.is_active,
            "second_factors": getattr(u, "factors", 0),
        }
        for u in users_visible_to(SYSTEM)
    ]
    lines = [
        f"{r['email']:<40} {r['role']:<22} {r['name']}{'' if r['active'] else '  (deactivated)'}" for r in rows
    ]  # fmt: skip
    emit(rows, as_json=as_json, text="\n".join(lines) or "There are no users yet.")


@user.command()
def create(
    email: str = EMAIL,
    name: str = typer.Option(..., "--name", help="The user's name."),
    role: str = typer.Option("administrator", "--role", help="A role's id, or a built-in role's key."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Create a user with a one-time password."""
    installed(home)
    from ceap.accounts.actions import create_user, one_time_password
    from ceap.accounts.contracts import SYSTEM

    password = one_time_password()
    made = create_user(SYSTEM, email=email, name=name, role=role, password=password, must_change_password=True)
    _password(made.email, made.role.name, password, as_json=as_json)


@user.command()
def reset(
    email: str = EMAIL,
    factors: bool = typer.Option(False, "--remove-second-factors", help="Also remove app, passkeys, recovery codes."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """A link with which the user sets a new password."""
    installed(home)
    from ceap.accounts.actions import issue_reset_link, remove_second_factors
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import user_with_email

    found = user_with_email(email)
    if factors:
        remove_second_factors(SYSTEM, found.pk)
    link = issue_reset_link(SYSTEM, found.pk)
    emit(
        {"email": found.email, "url": link.url, "expires_at": link.expires_at},
        as_json=as_json,
        text=f"{found.name} sets a new password, once and until {link.expires_at:%d %b %Y %H:%M} UTC, at\n{link.url}",
    )


def _password(email: str, role: str, password: str, *, as_json: bool) -> None:
    emit(
        {"email": email, "role": role, "one_time_password": password},
        as_json=as_json,
        text=f"{role} {email}\none-time password: {password}\nIt must be changed at the first login.",
    )
