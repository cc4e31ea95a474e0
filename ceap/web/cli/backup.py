"""`ceap backup` and `ceap restore`."""

from __future__ import annotations

from pathlib import Path

import typer

from ceap.web.cli import HOME, JSON, app, django, emit, home_of


@app.command()
def backup(
    folder: Path = typer.Argument(help="A new folder for the copy."), home: str = HOME, as_json: bool = JSON
) -> None:
    """Copy the installation while it runs: store, archive, media, reports, secrets."""
    from ceap.web.backup import backup as copy

    manifest = copy(home_of(home), folder)
    size = sum(file["bytes"] for file in manifest["files"].values())
    emit(manifest, as_json=as_json, text=f"{len(manifest['files'])} files, {size:,} bytes in {folder}")


@app.command()
def restore(
    folder: Path = typer.Argument(None, help="A backup's folder; leave out after putting the store back yourself."),
    home: str = HOME,
    as_json: bool = JSON,
) -> None:
    """Put a backup back, so that nothing is sent a second time and no opt-out is lost."""
    from ceap.kit.lock import HomeLock

    where = home_of(home)
    with HomeLock(where, "serve", "command"), HomeLock(where, "app", "command"):
        from ceap.web.backup import put_back, settle

        if folder:
            put_back(where, folder)
        django(home)
        from ceap.web.store import prepare

        prepare()
        done = settle()
    words = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in done.items())
    emit(
        done,
        as_json=as_json,
        text=f"Restored: {words}. Campaigns launched after the backup are drafts again: check before you launch.",
    )
