"""Copies of an installation, and putting one back without sending anything a second time."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ceap.kit import clock, sqlite
from ceap.kit.home import Home
from ceap.kit.problem import Conflict, invalid

FOLDERS = ("archive", "media", "models", "reports")
JOURNALS = ("optouts.jsonl", "erasures.jsonl")  # what a restored store hears of again
FILES = ("secret.key", "settings.toml", *JOURNALS)
MANIFEST = "backup.json"
WAREHOUSE = ("warehouse.duckdb", "warehouse.duckdb.wal")  # a copy of the rest: never backed up, rebuilt


def _sha256(file: Path) -> str:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _store_name(home: Home) -> str:
    return "store.sqlite3" if home.store_file else "store.pgdump"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Conflict(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _copy_store(home: Home, target: Path) -> None:
    """A consistent copy of the store while it is in use."""
    if not home.store_file:
        if not shutil.which("pg_dump"):
            raise Conflict(
                "pg_dump is not installed here; install PostgreSQL's client programs, or dump the store elsewhere."
            )
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}", home.store_url)
        return
    sqlite.install()
    import sqlite3

    source, copy = sqlite3.connect(str(home.store_file)), sqlite3.connect(str(target))
    try:
        source.backup(copy, pages=4096, sleep=0.001)
    finally:
        source.close()
        copy.close()


def backup(home: Home, folder: Path) -> dict[str, Any]:
    """Copy `home` into `folder` (new or empty) while it runs: store, archive, media, models, reports, secrets,
    settings.

    The store first: files that are added afterwards are only more than it knows of. The warehouse is not copied; it
    is made again from these.

    Returns:
        The manifest: when, and each file with its SHA-256 and size in bytes.

    Raises:
        Invalid: the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise invalid("folder", f"{folder} is not empty; name a new folder for each backup.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_store(home, folder / _store_name(home))
    for name in FILES:
        if (home.path / name).exists():
            shutil.copy2(home.path / name, folder / name)
    for name in FOLDERS:
        if (home.path / name).exists():
            shutil.copytree(home.path / name, folder / name, ignore=shutil.ignore_patterns(".draft-*"))
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    manifest = {
        "made_at": clock.now().isoformat(),
        "store": _store_name(home),
        "files": {str(f.relative_to(folder)): {"sha256": _sha256(f), "bytes": f.stat().st_size} for f in files},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    return manifest


def verified(folder: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are all there and unchanged.

    Raises:
        Invalid: it is not a backup, or it names the file that is missing or damaged.
    """
    file = folder / MANIFEST
    if not file.exists():
        raise invalid("folder", f"{folder} is not a finished backup: it has no {MANIFEST}.")
    manifest = dict(json.loads(file.read_text()))
    for name, said in manifest["files"].items():
        if not (folder / name).exists():
            raise invalid("folder", f"The backup is incomplete: {name} is missing.")
        if _sha256(folder / name) != said["sha256"]:
            raise invalid("folder", f"The backup is damaged: {name} is not what it was.")
    return manifest


def put_back(home: Home, folder: Path) -> None:
    """Put the files of a verified backup in the place of the home's; its journal of opt-outs is kept and added to.

    Raises:
        Invalid: the backup is of another kind of store, incomplete or damaged; nothing was touched.
    """
    manifest = verified(folder)
    if manifest["store"] != _store_name(home):
        raise invalid("folder", f"This backup holds {manifest['store']}, but the home's store is {home.store_url}.")
    home.create()
    known = {name: _read(home.path / name) for name in JOURNALS}
    for name in FILES[:2]:
        if (folder / name).exists():
            shutil.copy2(folder / name, home.path / name)
    for name in JOURNALS:
        old = _read(folder / name)
        (home.path / name).write_bytes(known[name] if known[name].startswith(old) else old + known[name])
    for name in FOLDERS:
        if (folder / name).exists():
            shutil.copytree(folder / name, home.path / name, dirs_exist_ok=True)
    if home.store_file:
        for suffix in ("-wal", "-shm"):
            Path(f"{home.store_file}{suffix}").unlink(missing_ok=True)
        beside = home.store_file.with_suffix(".restoring")
        shutil.copy2(folder / manifest["store"], beside)
        beside.replace(home.store_file)
    else:
        _run(
            "pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", f"--dbname={home.store_url}",
            str(folder / manifest["store"]),
        )  # fmt: skip
    for name in WAREHOUSE:
        (home.path / name).unlink(missing_ok=True)
    (home.path / "watermark.json").unlink(missing_ok=True)


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


def settle() -> dict[str, Any]:
    """Make a store that was put back safe to run: what may have happened since its backup does not happen again.

    Deliveries on the way end as what receipts or the provider know of them, else as unknown; opt-outs in the journal
    are heard again; who was erased since is erased again; campaigns that were active are paused until a person has
    looked; unfinished jobs end.

    Returns:
        What was done, by count.
    """
    from ceap.accounts.contracts import SYSTEM
    from ceap.campaigns import actions as campaigns
    from ceap.channels import actions as channels
    from ceap.customers import actions as customers
    from ceap.jobs import actions as jobs

    done = channels.after_restore() | {
        "campaigns_held": campaigns.after_restore(),
        "jobs_ended": jobs.after_restore(),
        "erased_again": customers.after_restore(SYSTEM),
    }
    from ceap.web import watermark

    watermark.write(Home.load())
    return done
