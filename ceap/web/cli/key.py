"""`ceap key …`: API keys. Straight into the store: secrets must not lie in the queue of jobs."""

from __future__ import annotations

import typer

from ceap.web.cli import HOME, JSON, app, emit, installed

key = typer.Typer(name="key", no_args_is_help=True, help="API keys: list, create, revoke.")
app.add_typer(key)


@key.command("list")
def index(home: str = HOME, as_json: bool = JSON) -> None:
    """Every key, never a secret."""
    installed(home)
    from ceap.accounts.contracts import SYSTEM
    from ceap.accounts.queries import keys_visible_to

    rows = [
        {
            "id": str(k.pk), "name": k.name, "kind": k.kind, "prefix": k.prefix, "grants": k.grants,
            "scopes": k.scopes, "last_used_at": k.last_used_at, "revoked_at": k.revoked_at,
        }
        for k in keys_visible_to(SYSTEM)
    ]  # fmt: skip
    lines = [
        f"{r['id']}  {r['kind']:<8} {r['prefix']}…  {r['name']}{'  (revoked)' if r['revoked_at'] else ''}" for r in rows
    ]
    emit(rows, as_json=as_json, text="\n".join(lines) or "There are no keys yet.")


@key.command()
def create(
    name: str = typer.Argument(help="What the key is for."),
    kind: str = typer.Option("server", "--kind", help="server or browser (data plane), service (control plane)."),
    scope: list[str] = typer.Option([], "--scope", help="Data plane: events:write, customers:read, …; repeat it."),
    grant: list[str] = typer.Option([], "--grant", help="Service keys: a permission key; repeat it."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Create a key and print its secret, once."""
    installed(home)
    from ceap.accounts.actions import create_key
    from ceap.accounts.contracts import SYSTEM

    scopes = scope or ([] if kind == "service" else ["events:write"])
    row, secret = create_key(SYSTEM, name=name, kind=kind, grants=dict.fromkeys(grant, "all"), scopes=scopes)
    emit(
        {"id": str(row.pk), "kind": row.kind, "scopes": row.scopes, "grants": row.grants, "secret": secret},
        as_json=as_json,
        text=f"{row.kind} key {row.name}\n{secret}\nKeep it now: it is not shown again.",
    )


@key.command()
def revoke(
    key_id: str = typer.Argument(help="The key's id, as `ceap key list` shows it."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Refuse a key from now on."""
    installed(home)
    from ceap.accounts.actions import revoke_key
    from ceap.accounts.contracts import SYSTEM

    row = revoke_key(SYSTEM, key_id)
    emit({"id": str(row.pk), "revoked_at": row.revoked_at}, as_json=as_json, text=f"Revoked: {row}")
