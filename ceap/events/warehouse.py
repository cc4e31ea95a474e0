"""The warehouse of this installation: a columnar copy that heals itself from store, archive and log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import pyarrow as pa
from django.db import connection

from ceap.core import engine
from ceap.core.engine import Damaged, Engine, Given, InUse, Unreachable, Unsupported, Writer
from ceap.events import log, quarantine
from ceap.events.contracts import Entry, Interrupted, WarehouseBusy, WarehouseNotReady
from ceap.events.loading import Loader
from ceap.events.models import Position
from ceap.events.places import PLACE, archived, mark_of, place_of, write_place
from ceap.events.readers import Readers
from ceap.kit.clock import now
from ceap.kit.home import Home

logger = logging.getLogger("ceap.events")
CONSUMER = "warehouse"
BATCH = 20_000
PATIENCE = 20.0  # seconds that renewing waits for queries under way
LOOK = 0.5  # seconds between two questions whether an answer is still wanted
NOTE_EVERY = 10.0  # seconds between notes of the position in the store; what counts is the one in the warehouse


class Warehouse:
    """The warehouse at `home.warehouse_url`. Reads may come from any thread, also while it is being loaded.

    Tables: customers, events, purchases, items; every moment is a TIMESTAMP in UTC. A query sees one moment of them,
    `as_of`. Get it from `queries.warehouse()`.
    """

    def __init__(self, home: Home):
        self.home = home
        self._lock = threading.RLock()
        self._readers = Readers()
        self._as_of: datetime | None = None
        self._place: tuple[int, int, str] | None = None  # tx, seq, mark of the last entry; None: must be rebuilt
        self._damage = ""
        self._noted = 0.0
        self._loaded = float("-inf")
        self.fillings = 0  # how often the tables were made from the beginning: what was kept of them is void then
        self._engine = self._open()

    @property
    def as_of(self) -> datetime:
        """Everything committed before this moment is in the tables.

        Raises:
            WarehouseNotReady: they are still being filled for the first time.
        """
        self._ready()
        assert self._as_of
        return self._as_of

    def table(self, name: str) -> ibis.Table:
        """Table `name`, to build expressions from.

        Raises:
            WarehouseNotReady: the tables are being filled from the beginning.
        """
        self._ready()
        try:
            with self._readers.one():
                return self._engine.backend().table(name)
        except Unreachable as error:
            raise WarehouseNotReady(f"The warehouse cannot be reached: {error}.") from error

    def run(
        self,
        expr: ibis.Expr,
        unwanted: Callable[[], bool] | None = None,
        look: float = LOOK,
        given: Given | None = None,
    ) -> pa.Table:
        """Evaluate a table expression (or a scalar or column, as a table of one column).

        Args:
            unwanted: asked every `look` seconds, from another thread, while the answer is worked out; true stops that.
            given: the values of its parameters and the rows of its own tables.

        Raises:
            Interrupted: it was stopped so.
            WarehouseNotReady: the tables are being filled from the beginning.
        """
        self._ready()
        if unwanted is not None:
            return self._watched(expr, unwanted, look, given)
        try:
            with self._readers.one():
                return self._engine.run(expr, given)
        except Damaged as damage:
            self._damage = str(damage)
            raise WarehouseNotReady("The warehouse file is damaged and is being rebuilt; try again soon.") from damage
        except Unreachable as error:
            raise WarehouseNotReady(f"The warehouse cannot be reached: {error}.") from error

    def _watched(
        self, expr: ibis.Expr, unwanted: Callable[[], bool], look: float, given: Given | None
    ) -> pa.Table:  # fmt: skip
        stop, over, stopped = self._engine.interrupter(), threading.Event(), threading.Event()

        def watch() -> None:
            try:
                while not over.wait(look):
                    if unwanted():
                        stopped.set()
                        stop()  # again and again: the statement may not have begun
            except Exception:  # it is answered to its end then
                logger.exception("whether an answer is still wanted could not be found out")
            finally:
                connection.close()

        watcher = threading.Thread(target=watch, daemon=True, name="warehouse-watch")
        watcher.start()
        try:
            return self.run(expr, given=given)
        except Exception as error:
            if stopped.is_set():
                raise Interrupted from error
            raise
        finally:
            over.set()
            watcher.join()

    def count(self, name: str) -> int:
        """How many rows table `name` has."""
        return int(self.run(self.table(name).count()).column(0)[0].as_py())

    def sync(self, wait: float = 5.0) -> None:
        """Load everything committed so far.

        On PostgreSQL an entry becomes readable only when every transaction older than its own has ended; this waits up
        to `wait` seconds for that. Call it outside of transactions: it would load what may still be rolled back.

        Raises:
            ArchiveDamaged: a file it needs is not what was written; the tables stay as they are.
        """
        deadline = time.monotonic() + wait
        with self._lock:
            self._heal()
            self._load()
            while log.unsettled() and time.monotonic() < deadline:
                time.sleep(0.02)
                self._load()

    def keep_up(self) -> None:
        """`sync`, but no more often than the engine likes to be loaded when nobody waits for it."""
        if time.monotonic() - self._loaded >= self._engine.pace:
            self.sync(wait=0)
            self._loaded = time.monotonic()

    def rebuild(self, without: Sequence[str] = (), beat: Callable[[], None] = lambda: None) -> None:
        """Make every table again from archive, log and store, in one transaction: readers see the old rows until then.

        Args:
            without: archive files to leave out, by name (damaged beyond repair).
            beat: called now and then.

        Raises:
            ArchiveDamaged: names the file; the tables stay as they are.
        """
        with self._lock:
            self._heal()
            self._place, self._as_of = self._fill(self._engine, without, beat)
            self.fillings += 1
            self._note(force=True)

    def renew(self, beat: Callable[[], None] = lambda: None) -> None:
        """As `rebuild`, and what was deleted or changed before is not on the disk any more, in no unused block either.

        A DuckDB file is made beside the old one and takes its place; other engines give up the files of old tables, and
        are then asked to `forget`. Warehouses that were moved aside as damaged are deleted.

        Raises:
            WarehouseBusy: a query has been running for `PATIENCE` seconds; what is old stays until it is asked again.
        """
        path = quarantine.file_of(self.home.warehouse_url)
        if path is None or not self.home.warehouse_url.startswith("duckdb:"):
            with self._lock:
                self.rebuild(beat=beat)
                self._forget()
        else:
            with self._lock:
                self._heal()
                self._replace(path, beat)
        if path:
            quarantine.forget_damaged(path)

    def _forget(self) -> None:
        with self._alone():
            try:
                self._engine.forget()
            except InUse as error:
                raise WarehouseBusy(f"The warehouse is in use: {error}; it is renewed when that has ended.") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody reads within the block.

        Raises:
            WarehouseBusy: a query has been running for `PATIENCE` seconds.
        """
        with self._readers.none(PATIENCE) as alone:
            if not alone:
                raise WarehouseBusy("A query of the warehouse takes long; it is renewed when that has ended.")
            yield

    def _replace(self, path: Path, beat: Callable[[], None]) -> None:
        beside = path.with_name(f"{path.name}.renewing")
        quarantine.remove(beside)
        try:
            fresh = self._engine_at(f"duckdb://{beside}")
            try:
                place, moment = self._fill(fresh, (), beat)
            finally:
                fresh.close()
            with self._alone():
                self._engine.close()
                path.with_name(f"{path.name}.wal").unlink(missing_ok=True)  # what was in it is in the new file
                beside.replace(path)
                self._engine = self._engine_at(self.home.warehouse_url)
                self._place, self._as_of = place, moment
                self.fillings += 1
        finally:
            quarantine.remove(beside)
        self._note(force=True)

    def _fill(
        self, target: Engine, without: Sequence[str], beat: Callable[[], None]
    ) -> tuple[tuple[int, int, str], datetime]:
        """Make every table of `target` from the beginning: where it stands then, and as of when."""
        moment, started = now(), time.monotonic()
        with target.writing() as writer:
            loader = Loader(writer, fresh=True, without=without)
            for entries in archived(without, BATCH):
                loader.apply(entries)
                beat()
            last: Entry | None = None
            while entries := log.after(*(last.tx, last.seq) if last else (0, 0), BATCH):
                loader.apply(entries)
                last = entries[-1]
                beat()
            loader.finish(beat)
            writer.create("_place", PLACE)
            place = self._write_place(writer, last, moment)
        logger.info("warehouse: rebuilt from the beginning in %.1f s", time.monotonic() - started)
        return place, moment

    def _engine_at(self, url: str) -> Engine:
        memory, threads = self.home.get("warehouse_memory"), self.home.get("warehouse_threads")
        return engine.connect(url, memory=memory, threads=threads and int(threads))

    def close(self) -> None:
        """Let go of the file; the object is of no use afterwards."""
        with self._lock:
            self._engine.close()

    def position(self) -> tuple[int, int]:
        """(tx, seq) of the last entry that was loaded."""
        return self._place[:2] if self._place else (0, 0)

    def _open(self) -> Engine:
        path = quarantine.file_of(self.home.warehouse_url)
        if path and quarantine.crashed_while_opening(path):
            quarantine.move_away(path, "the process died twice while opening it")
        try:
            opened = self._connect(path)
        except Damaged as damage:
            if path is None:
                raise
            quarantine.move_away(path, str(damage))
            opened = self._connect(path)
        except InUse as error:
            raise WarehouseBusy(
                "Another process holds the warehouse. `ceap app` owns it while it runs: stop it first."
            ) from error
        except (Unreachable, Unsupported) as error:
            raise WarehouseNotReady(f"The warehouse cannot be opened: {error}.") from error
        return opened

    def _connect(self, path: Path | None) -> Engine:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        with quarantine.opening(path):
            opened = self._engine_at(self.home.warehouse_url)
            try:
                opened.verify()
                with opened.writing() as writer:
                    self._place = place_of(writer)
                    rows = writer.rows("_place") if self._place else []
            except BaseException:
                opened.close()
                raise
        if rows:
            self._as_of = rows[0]["as_of"].replace(tzinfo=UTC)
        return opened

    def _heal(self) -> None:
        """Put a warehouse that was found damaged aside and open a new one."""
        if self._damage:
            damage, self._damage = self._damage, ""
            self._engine.close()
            self._place = self._as_of = None
            if path := quarantine.file_of(self.home.warehouse_url):
                quarantine.move_away(path, damage)
            self._engine = self._open()

    def _ready(self) -> None:
        """Return when the tables are filled; fill them when nobody else does.

        Raises:
            WarehouseNotReady: another thread has been filling them for five seconds.
        """
        if self._place is None:
            if not self._lock.acquire(timeout=5):
                raise WarehouseNotReady("The warehouse is being filled from the beginning; try again soon.")
            try:
                if self._place is None:
                    self.sync(wait=0)
            finally:
                self._lock.release()

    def _load(self) -> None:
        """Load what can be read now; rebuild when the tables do not continue what the store holds."""
        if self._place is not None and not self._continues():
            logger.warning("warehouse: the store is not the one it was loaded from (restored?); rebuilding")
            self._place = None
        while True:
            if self._place is None:
                self.rebuild()
            assert self._place
            tx, seq, _ = self._place
            moment = now()
            entries = log.after(tx, seq, BATCH)
            if entries and self._priced_anew(entries):
                self.rebuild()
            elif entries:
                self._apply(entries, moment)
            else:
                self._as_of = moment
                break
        self._note(force=False)

    def _priced_anew(self, entries: list[Entry]) -> bool:
        """Whether rates changed by which amounts in the tables were converted, or could not be."""
        found: list[ibis.Expr] = []
        lines = self._engine.backend().table("purchases")
        for entry in entries:
            for currency, day in entry.payload["since"].items() if entry.kind == "rates" else ():
                since = ibis.literal(datetime.fromisoformat(day) - timedelta(days=1), type="timestamp") if day else None
                mine = lines.currency == currency if since is not None else lines.currency.notnull()
                found.append(mine if since is None else mine & (lines["at"] >= since))
        return bool(found) and self.run(lines.filter(ibis.or_(*found)).count()).column(0)[0].as_py() > 0

    def _apply(self, entries: list[Entry], moment: datetime) -> None:
        """Load entries that follow what is there; only look where that is when another process was faster."""
        try:
            with self._engine.writing() as writer:
                place = place_of(writer)
                if place == self._place:
                    loader = Loader(writer, fresh=False)
                    loader.apply(entries)
                    loader.finish()
                    place = self._write_place(writer, entries[-1], moment)
        except Damaged as damage:
            self._damage = str(damage)
            self._heal()
            self.rebuild()
        else:
            self._place = place

    def _write_place(self, writer: Writer, last: Entry | None, moment: datetime) -> tuple[int, int, str]:
        return write_place(writer, last, moment)

    def _continues(self) -> bool:
        """Whether the last entry that was loaded is still the same in the store."""
        assert self._place
        tx, seq, mark = self._place
        if not seq:
            return True
        entry = log.at(tx, seq)
        return entry is not None and mark_of(entry) == mark

    def _note(self, *, force: bool) -> None:
        """Tell the store how far the warehouse is, for the archive's sake."""
        if force or time.monotonic() - self._noted > NOTE_EVERY:
            tx, seq = self.position()
            self._noted = time.monotonic()
            if Position.objects.filter(consumer=CONSUMER).values_list("tx", "seq").first() != (tx, seq):
                Position.objects.update_or_create(consumer=CONSUMER, defaults={"tx": tx, "seq": seq, "at": now()})
