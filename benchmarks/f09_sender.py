"""F-9: the sender. Render + real SMTP into Postfix's `smtp-sink`, beside a bare SMTP loop with a fixed body; claims and
acknowledgements alone; the worker's memory with every recipient planned."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.frame import ROOT, Result, Scale, free_port

ID = "F-9"
WORK = (
    "sender: render + real SMTP ≥ 1,500 mails/s, < 300 MiB resident with 1 M recipients; "
    "claim + acknowledge ≥ 100,000/s"
)
CONNECTIONS = 4


def run(scale: Scale) -> Result:
    planned, to_send, rows = (60_000, 15_000, 20_000) if scale == "small" else (1_000_000, 60_000, 200_000)
    os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"
    from ceap.kit.home import Home

    Home.load().create()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with smtp_sink() as port:
        plan_seconds, source = fill(planned, port)
        claimed, checked, processor, store = claims(rows)
        ours, memory = send(source, to_send)
        bare = bare_loop(port, 4.0)
    reached = ours >= 1_500 and memory < 300 and claimed >= 100_000
    return Result(
        ID, scale, ours, "mails/s", reached=reached, n=to_send, limit=bare, ratio_limit=ours / bare,
        note=f"smtp-sink (Postfix), {CONNECTIONS} connections, mails of about 4 kB; worker and renderer "
        f"{memory:.0f} MiB resident with {planned:,} recipients planned; planned {planned / plan_seconds:,.0f}/s; "
        f"claim + acknowledge with touchpoints {claimed:,.0f}/s in batches of 5,000 "
        f"({checked:,.0f}/s with the last check between), {processor:.1f} µs of processor time each, {store:.1f} of it "
        "inside the store's driver: each row is written three times under four indexes and adds an entry to the change "
        "log, in durable commits; "
        "limit: one Python process, pipelined, fixed body",
    )  # fmt: skip


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's `smtp-sink` on a port of its own.

    Raises:
        RuntimeError: it is not installed (Debian: package postfix; its daemon need not run).
    """
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if not program:
        raise RuntimeError("smtp-sink is not there: install postfix (its daemon need not run)")
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *user, f"127.0.0.1:{port}", "1000"], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.wait()


def fill(count: int, port: int) -> tuple[float, str]:
    """`count` consented customers and a campaign to all of them; returns the seconds of planning and the source."""
    from django.db import connection
    from pyroaring import BitMap

    from ceap.channels import actions
    from ceap.channels.models import Sender
    from ceap.content.models import Template, Version
    from ceap.customers.models import Customer
    from ceap.kit.clock import now
    from ceap.kit.ids import uuid7

    Customer.objects.create(full_name="Ann Example", created_at=now(), updated_at=now())
    columns = [field.column for field in Customer._meta.concrete_fields if field.column != "id"]
    kept = ", ".join({"full_name": "'Customer ' || n", "email": "'c' || n || '@example.test'", "marketing_opt_in": "1"}
                     .get(c, c) for c in columns)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE s(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) "
            f"INSERT INTO customers_customer ({', '.join(columns)}) SELECT {kept} "
            "FROM s, customers_customer WHERE id = 1"
        )
        cursor.execute("UPDATE customers_customer SET marketing_opt_in = 1, email = 'c1@example.test' WHERE id = 1")
    paragraph = (
        "<p>Dear {{ customer.full_name }}, we have something for you: have a look at what came in this week.</p>"
    )
    version = Version.objects.create(
        template=Template.objects.create(name="T", created_at=now(), updated_at=now()), number=1, created_at=now(),
        subject="{{ customer.first_name }}, new this week", source={}, links=["https://shop.test/new"],
        variables=["customer.full_name", "customer.first_name"],
        html="<html><body>" + paragraph * 25 + "<a href='{{ track.click }}/0'>Look</a><img src='{{ track.open }}'>"
        "<a href='{{ track.unsubscribe }}'>Unsubscribe</a></body></html>",
        text="Dear {{ customer.full_name }}, have a look: {{ track.click }}/0\n{{ track.unsubscribe }}",
    )  # fmt: skip
    config = {"host": "127.0.0.1", "port": port, "security": "none", "connections": CONNECTIONS}
    sender = Sender.objects.create(
        name="S", from_name="Shop", from_address="news@shop.test", config=config, created_at=now(), default=True
    )
    source = uuid7()
    began = time.perf_counter()
    actions.plan(
        "campaign", source, customers=BitMap(range(1, count + 1)), sender_id=sender.pk, content_version_id=version.pk,
        due=now(),
    )  # fmt: skip
    return time.perf_counter() - began, str(source)


def claims(rows: int) -> tuple[float, float, float, float]:
    """Deliveries a second: claimed and acknowledged; and claimed, checked and acknowledged. All are given back.

    Besides, for the first: microseconds of processor time a delivery, and how many of them inside the store's driver.
    """
    from django.db import connection

    from ceap.channels.actions.acknowledging import acknowledge
    from ceap.channels.actions.arming import arm
    from ceap.channels.actions.claiming import claim
    from ceap.channels.models import Delivery, Sender
    from ceap.channels.sender import spare_the_collector
    from ceap.core.ports import Answer, Outcome

    sender, answer, size = Sender.objects.get(), Answer(Outcome.SENT), 5_000
    spare_the_collector()
    store = 0.0

    def timed(execute: Any, *statement: Any) -> Any:
        nonlocal store
        began = time.process_time()
        try:
            return execute(*statement)
        finally:
            store += time.process_time() - began

    def part(work: Callable[[], Any]) -> Any:
        """Run a part that counts; sets `wall` and `processor`."""
        nonlocal wall, processor
        at, busy = time.perf_counter(), time.process_time()
        with connection.execute_wrapper(timed):
            done = work()
        wall, processor = wall + time.perf_counter() - at, processor + time.process_time() - busy
        return done

    def checked(batch: list[Any]) -> None:
        arm([(row, f"c{row.customer}@example.test") for row in batch], lease=timedelta(minutes=5))

    found = []
    for check in (False, True):
        wall, processor, store, done = 0.0, 0.0, 0.0, 0
        while done < rows:
            batch = part(lambda: claim(sender, size))
            if check:
                part(lambda batch=batch: checked(batch))
            else:  # not measured: what the last check would have done
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE channels_delivery SET state = 'sending' WHERE state = 'claimed'")
            part(lambda batch=batch: acknowledge([(row, answer) for row in batch]))
            done += len(batch)
        found.append((done / wall, processor / done * 1e6, store / done * 1e6))
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM consent_capslot")
            cursor.execute("UPDATE channels_delivery SET state = 'planned', sent_at = NULL, finished_at = NULL "
                           "WHERE state = 'sent'")  # fmt: skip
    assert Delivery.objects.filter(state="planned").exists()
    return found[0][0], found[1][0], found[0][1], found[0][2]


def send(source: str, count: int) -> tuple[float, float]:
    """A worker sends at least `count`: mails a second between the first and the last look, and its memory in MiB."""
    from ceap.channels import queries

    process = subprocess.Popen([sys.executable, "-m", "ceap", "worker"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        deadline, memory = time.monotonic() + 300, 0.0
        while (first := queries.tally("campaign", source)["sent"]) < count // 20:  # started, renderer warm
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the worker sends nothing")
            time.sleep(0.1)
        began = time.perf_counter()
        while (sent := queries.tally("campaign", source)["sent"]) - first < count - count // 20:
            memory = max(memory, resident(process.pid))
            time.sleep(0.5)
        return (sent - first) / (time.perf_counter() - began), memory
    finally:
        process.terminate()
        process.wait(60)


def resident(pid: int) -> float:
    """MiB of a process and its children."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            total += int((Path("/proc") / str(one) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            for task in (Path("/proc") / str(one) / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total / 1024 / 1024


def bare_loop(port: int, seconds: float) -> float:
    """Mails a second of threads that do nothing but send one fixed body, pipelined."""
    body = b"Subject: x\r\n\r\n" + b"Dear customer, have a look at what came in this week.\r\n" * 75 + b".\r\n"
    envelope = b"MAIL FROM:<news@shop.test>\r\nRCPT TO:<c1@example.test>\r\nDATA\r\n"
    until, counts = time.monotonic() + seconds, [0] * CONNECTIONS

    def loop(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            connection.sendall(b"HELO bench\r\n")
            answers.readline()
            while time.monotonic() < until:
                connection.sendall(envelope)
                for _ in range(3):
                    answers.readline()
                connection.sendall(body)
                answers.readline()
                counts[number] += 1

    threads = [threading.Thread(target=loop, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds
