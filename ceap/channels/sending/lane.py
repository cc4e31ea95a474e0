"""One sender identity at work in this process: a feeder that claims and composes, connections that hand over."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import close_old_connections, connections

from ceap.channels import rules
from ceap.channels.actions.acknowledging import acknowledge, hand_back, refuse
from ceap.channels.actions.arming import arm, arm_again
from ceap.channels.actions.claiming import (
    breaker_opens,
    claim,
    probe_unused,
    provider_answers,
    provider_asks_to_wait,
)
from ceap.channels.models import Sender
from ceap.channels.providers import Provider, provider_of
from ceap.channels.sending.composing import Ready, compose
from ceap.content.rendering import Renderer
from ceap.core.optout import HAND_OVER_SECONDS
from ceap.core.ports import Answer, Outcome, ProviderDown, Session

log = logging.getLogger("ceap.channels")
MOST_CLAIMED = 400  # in one claim
AHEAD_SECONDS = 2.0  # of work kept ready
IDLE_SESSION = 5.0
IDLE_LANE = 5.0
POLL = 0.1
SHUT = 0.9  # seconds; the shortest time that a breaker or a hold lasts is one
UNKNOWN_IN_A_ROW = 3  # then the provider is taken to be down, before a whole campaign becomes unknown


class Lane:
    """The threads of one sender identity; ends by itself when there has been nothing to do for a while."""

    def __init__(self, sender_id: Any, renderer: Renderer, edge_url: str, stop: threading.Event):
        self.sender_id, self.renderer, self.edge_url, self.stop = sender_id, renderer, edge_url, stop
        self.ready: queue.Queue[Ready] = queue.Queue()
        self.ended = threading.Event()
        self.unknown = 0  # outcomes in a row
        self.shut_until = 0.0  # what was claimed before the provider was found down, or asked to wait, is given back
        self.handed = 0  # answers of the provider, for the feeder's estimate of speed
        self.provider: Provider | None = None
        self.threads = [
            threading.Thread(target=self._guarded, args=(self._feed,), daemon=True, name=f"feed {sender_id}")
        ]
        self.threads[0].start()

    def alive(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def join(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        for thread in list(self.threads):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Run one thread's work until it returns; what breaks it (a lost store …) is logged and tried again."""
        wait = 0.2
        while True:
            try:
                work()
                break
            except Exception:
                log.exception("sending for %s was interrupted; going on", self.sender_id)
                if self.stop.wait(wait):
                    break
                wait = min(wait * 2, 10)
                close_old_connections()
        connections.close_all()

    # Feeder

    def _feed(self) -> None:
        turn, quiet_since, speed, before, seen = 0, time.monotonic(), 50.0, time.monotonic(), self.handed
        while not self.stop.is_set():
            close_old_connections()
            self._load()
            elapsed = time.monotonic() - before
            if elapsed > 0.5:
                speed = max(speed / 2, (self.handed - seen) / elapsed)
                before, seen = time.monotonic(), self.handed
            want = min(MOST_CLAIMED, max(int(speed * AHEAD_SECONDS), 20))
            if self.ready.qsize() > want / 2:
                self.stop.wait(0.005)
                continue
            assert self.provider
            rows = claim(self.provider.sender, want, turn=turn)
            turn += 1
            if not rows:
                if time.monotonic() - quiet_since > IDLE_LANE and self.ready.empty():
                    break
                self.stop.wait(POLL)
                continue
            quiet_since = time.monotonic()
            try:
                ready, failed = compose(self.provider.sender, rows, self.renderer, self.edge_url)
                if failed:
                    refuse(failed)
            except Exception:
                hand_back([(row, 5.0) for row in rows])
                raise
            for item in ready:
                self.ready.put(item)
        self.ended.set()

    def _load(self) -> None:
        """Read the sender identity (again) every few seconds, and have as many connections as it says."""
        if self.provider and time.monotonic() - self.provider.read_at < 3:
            return
        self.provider = provider_of(Sender.objects.get(pk=self.sender_id))
        for n in range(len(self.threads) - 1, self.provider.connections):
            thread = threading.Thread(
                target=self._guarded,
                args=(lambda: self._connection(),),
                daemon=True,
                name=f"hand over {n} {self.sender_id}",
            )
            self.threads.append(thread)
            thread.start()

    # Connections

    def _connection(self) -> None:
        session: Session | None = None
        opened: Provider | None = None
        speed, used, told = 10.0, time.monotonic(), 0.0
        try:
            while True:
                items = self._next(rules.hand_size(speed))
                if not items:
                    if self.stop.is_set() or self.ended.is_set():
                        return
                    if session and time.monotonic() - used > IDLE_SESSION:
                        session.close()
                        session = None
                    continue
                if self.stop.is_set() or time.monotonic() < self.shut_until:
                    hand_back([(item.row, 0.0) for item in items])
                    probe_unused(self.sender_id)
                    continue
                provider = self.provider
                assert provider
                if session and opened and opened.same_as(provider) is False:
                    session.close()
                    session = None
                try:
                    if session is None:
                        session, opened, told = provider.open(), provider, 0.0
                except ProviderDown as down:
                    self._shut(str(down))
                    hand_back([(item.row, 0.0) for item in items])
                    continue
                started = time.monotonic()
                answered, lost = self._hand_over(session, provider, items)
                used = time.monotonic()
                if answered:
                    self.handed += answered
                    speed = max(speed / 2, min(speed * 2, answered / max(used - started, 1e-6)))
                    if used - told > 2 or told < self.shut_until:  # the answer to a probe is told at once
                        provider_answers(self.sender_id, sent=True)
                        told = used
                if lost:
                    session.close()
                    session = None
        finally:
            if session:
                session.close()

    def _shut(self, reason: str) -> None:
        """The provider is down: open the breaker and give back what is ready here."""
        self.shut_until = time.monotonic() + SHUT
        breaker_opens(self.sender_id, reason)
        if waiting := self._next(1_000_000):
            hand_back([(item.row, 0.0) for item in waiting])

    def _next(self, most: int) -> list[Ready]:
        items: list[Ready] = []
        try:
            items.append(self.ready.get(timeout=POLL if most < 1_000_000 else 0.001))
            while len(items) < most:
                items.append(self.ready.get_nowait())
        except queue.Empty:
            pass
        return items

    def _hand_over(self, session: Session, provider: Provider, items: list[Ready]) -> tuple[int, bool]:
        """Arm, hand over, acknowledge. Returns how many the provider answered, and whether the session is lost."""
        began = time.monotonic()
        lease = timedelta(seconds=provider.patience)
        rows = [(item.row, item.message.to) for item in items]
        try:
            armed = arm(rows, lease=lease)
        except Exception:
            hand_back([(item.row, 0.0) for item in items])  # whatever was committed: nothing has been handed over
            raise
        left = [item for item in items if item.row.id in armed]
        if not left:
            probe_unused(self.sender_id)
            return 0, False
        results: list[tuple[Any, Answer]] = []
        rest: list[tuple[Any, float]] = []
        lost = False
        while left:
            item = left.pop(0)

            def confirm(item: Ready = item) -> bool:
                if time.monotonic() - began < HAND_OVER_SECONDS * 0.9:
                    return True
                return arm_again(item.row, item.message.to, lease=lease)

            try:
                answer = session.send(item.message, confirm)  # the one call site of the provider port
            except ProviderDown as down:
                self._shut(str(down))
                rest += [(item.row, 60.0), *((other.row, 0.0) for other in left)]
                lost = True
                break
            except Exception as error:  # a defect of the plug-in: nobody knows how far it got, and others would follow
                log.exception("the provider of %s broke", self.sender_id)
                detail = f"{type(error).__name__}: {error}"
                self._shut(detail)
                answer = Answer(Outcome.UNKNOWN, "cut", detail[:250], lost=True)
            results.append((item.row, answer))
            if answer.slow_down:
                self.shut_until = time.monotonic() + SHUT
                provider_asks_to_wait(self.sender_id, answer.slow_down)
            lost = answer.lost
            if lost or answer.slow_down:
                rest += [(other.row, 0.0) for other in left]
                break
        self._write(results, rest)
        for _, answer in results:
            self.unknown = self.unknown + 1 if answer.outcome is Outcome.UNKNOWN else 0
        if self.unknown >= UNKNOWN_IN_A_ROW:
            self._shut(f"Its answers get lost: {results[-1][1].detail}")
        answers = (Outcome.SENT, Outcome.FAILED, Outcome.RETRY)
        return sum(a.outcome in answers and (a.outcome is Outcome.SENT or not a.lost) for _, a in results), lost

    def _write(self, results: list[tuple[Any, Answer]], rest: list[tuple[Any, float]]) -> None:
        """Acknowledge, patiently: what is not written down becomes unknown when the lease ends."""
        wait = 0.1
        while results or rest:
            try:
                if results:
                    acknowledge(results)
                    results = []
                if rest:
                    hand_back(rest)
                    rest = []
            except Exception:
                log.exception("cannot acknowledge %d deliveries yet", len(results))
                time.sleep(wait)
                wait = min(wait * 2, 5)
                if wait >= 5 and self.stop.is_set():
                    raise
                connections.close_all()
