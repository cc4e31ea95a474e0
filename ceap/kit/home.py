"""An installation's home folder and its settings: where everything lives, read by every role.

Settings come from the environment, then `settings.toml` in the home, then the default.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEFAULT_HOME = ".home/retail"
SINK_USER = "demo"
PRIVATE = 0o077  # what others of this machine get: nothing
STRICT_TRANSPORT = "max-age=31536000"  # a year; other names of the domain are their owner's affair
_SQLITE, _DUCKDB = "sqlite:///", "duckdb://"


@dataclass(frozen=True)
class Home:
    """One installation. `path` is its folder; `settings` the content of its settings.toml."""

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Home:
        """The home at `path`, else `$CEAP_HOME`, else `.home/retail`; nothing is created."""
        folder = Path(path or os.environ.get("CEAP_HOME") or DEFAULT_HOME).resolve()
        file = folder / "settings.toml"
        return cls(folder, tomllib.loads(file.read_text()) if file.exists() else {})

    def get(self, name: str, default: Any = None) -> Any:
        """Setting `name` (lower case, e.g. "store_url"): `$CEAP_STORE_URL`, settings.toml, default."""
        return os.environ.get(f"CEAP_{name.upper()}") or self.settings.get(name, default)

    def create(self) -> Home:
        """Make the folders that must exist, which other users of the machine cannot enter; returns the home."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("archive", "media", "reports", "run", "logs"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        return self

    def open_to_others(self) -> list[Path]:
        """The home's folders and files of this user that another user of the machine may read or write."""
        mine, found = os.getuid(), []
        for folder, names, files in os.walk(self.path):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                with suppress(OSError):
                    state = path.lstat()
                    if not stat.S_ISLNK(state.st_mode) and state.st_uid == mine and state.st_mode & PRIVATE:
                        found.append(path)
            names[:] = [name for name in names if not Path(folder, name).is_symlink()]
        return found

    def tighten(self) -> int:
        """Take from other users of the machine what they may do with the home's files; returns how many it were."""
        found = self.open_to_others()
        for path in found:
            with suppress(OSError):
                path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~PRIVATE)
        return len(found)

    @property
    def store_url(self) -> str:
        """`sqlite:///…` or `postgresql://…`; a relative file lies in the home."""
        url = str(self.get("store_url", "sqlite:///store.sqlite3"))
        return f"{_SQLITE}{self.path / url.removeprefix(_SQLITE)}" if url.startswith(_SQLITE) else url

    @property
    def store_file(self) -> Path | None:
        """The SQLite file, or None when the store is PostgreSQL."""
        return Path(self.store_url.removeprefix(_SQLITE)) if self.store_url.startswith(_SQLITE) else None

    @property
    def warehouse_url(self) -> str:
        """`duckdb://…` (a relative file lies in the home) or any Ibis backend URL."""
        url = str(self.get("warehouse_url", f"{_DUCKDB}warehouse.duckdb"))
        file = url.removeprefix(_DUCKDB)
        return f"{_DUCKDB}{self.path / file}" if url.startswith(_DUCKDB) and file and file[0] != ":" else url

    @property
    def app_port(self) -> int:
        return int(self.get("app_port", 8000))

    @property
    def edge_port(self) -> int:
        return int(self.get("edge_port", 8001))

    @property
    def host(self) -> str:
        """The address both servers listen on; loopback unless set."""
        return str(self.get("host", "127.0.0.1"))

    @property
    def outbound_private(self) -> bool:
        """Whether what users have called (webhooks, mail servers) may lie in private networks."""
        return str(self.get("outbound_private", "")).lower() in ("1", "true", "yes")

    @property
    def sink(self) -> bool:
        """Whether this is a demo, whose mail ends in a sink of its own."""
        return str(self.get("sink", "")).lower() in ("1", "true", "yes")

    @property
    def sink_port(self) -> int:
        """The sink's port on loopback."""
        return int(self.get("sink_port", 8025))

    @property
    def sink_password(self) -> str:
        """What the home's sink asks for, so that no other home's mail lands in it; the user is `SINK_USER`."""
        return hmac.new(self.secret.encode(), b"sink/1", hashlib.sha256).hexdigest()

    @property
    def outbound_mail_ports(self) -> frozenset[int] | None:
        """Further ports on which mail servers may be called ("2526, 10025"); None ("any"): every port."""
        words = _words(self.get("outbound_mail_ports", ""))
        return None if words in (["any"], ["*"]) else frozenset(int(word) for word in words)

    @property
    def allowed_hosts(self) -> list[str]:
        """The names under which browsers may ask for the pages: loopback and the host of `app_url` unless set."""
        own = urlsplit(self.app_url).hostname or ""
        return _words(self.get("allowed_hosts", "")) or ["127.0.0.1", "localhost", "[::1]", own]

    @property
    def own_sink(self) -> int | None:
        """The port of the demo's own mail sink on loopback; None where there is none."""
        return self.sink_port if self.sink else None

    @property
    def app_url(self) -> str:
        """How browsers reach the control plane."""
        return str(self.get("app_url", f"http://127.0.0.1:{self.app_port}"))

    @property
    def edge_url(self) -> str:
        """How mails' links and sites reach the data plane."""
        return str(self.get("edge_url", f"http://127.0.0.1:{self.edge_port}"))

    @cached_property
    def secret(self) -> str:
        """The installation's signing secret, made on first use with mode 0600."""
        if value := self.get("secret"):
            return str(value)
        file = self.path / "secret.key"
        if not file.exists():
            self.path.mkdir(parents=True, exist_ok=True)
            _write_once(file, secrets.token_urlsafe(48))
        return file.read_text()


def _words(value: Any) -> list[str]:
    """The words of a setting: a list in settings.toml, or text with commas or blanks between them."""
    return [str(word) for word in value] if isinstance(value, list) else str(value).replace(",", " ").split()


def _write_once(file: Path, text: str) -> None:
    """Write `file` (mode 0600) unless another process does first: it is never seen half-written."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        os.unlink(draft)
