"""A small real SMTP server for tests, told how to misbehave. Speaks PIPELINING; one thread a connection."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_ID = re.compile(rb"^Message-ID: <([^@]+)@", re.MULTILINE)
Hook = Callable[[str, str], "str | None"]


@dataclass
class Mail:
    sender: str
    recipient: str
    data: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def key(self) -> str:
        found = _ID.search(self.data)
        return found[1].decode() if found else ""


class Server:
    """`hook(stage, argument)` is asked at connect, mail, rcpt, data and message; it answers with a reply to give, None
    for the usual one, "cut" to close the connection without a word, or "take and cut" (message: kept, then cut)."""

    def __init__(self, hook: Hook | None = None, *, pipelining: bool = True):
        self.hook, self.pipelining = hook or (lambda stage, argument: None), pipelining
        self.mails: list[Mail] = []
        self.sessions = 0
        self.lock = threading.Lock()
        self.socket: socket.socket | None = None
        self.open: set[socket.socket] = set()
        self.port = 0
        self.start()

    def start(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on and cut those there are."""
        if self.socket:
            self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            self.socket = None
        with self.lock:
            for connection in self.open:
                connection.close()

    def received(self) -> Counter[str]:
        """How often each recipient was written to."""
        with self.lock:
            return Counter(mail.recipient for mail in self.mails)

    def keys(self) -> Counter[str]:
        with self.lock:
            return Counter(mail.key for mail in self.mails)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.open.add(connection)
                self.sessions += 1
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()

    def _converse(self, connection: socket.socket) -> None:
        try:
            self._talk(connection)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb", buffering=65536)

        def say(stage: str, argument: str, usual: str) -> bool:
            reply = self.hook(stage, argument) or usual
            if reply == "cut":
                connection.shutdown(socket.SHUT_RDWR)
                raise OSError("cut")
            connection.sendall(reply.encode() + b"\r\n")
            if reply.startswith("421"):
                connection.shutdown(socket.SHUT_RDWR)
                raise OSError("421")
            return reply[0] in "23"

        say("connect", "", "220 test")
        sender = recipient = ""
        while line := lines.readline():
            verb, _, rest = line.decode().rstrip("\r\n").partition(" ")
            match verb.upper():
                case "EHLO":
                    extensions = ["250-test", "250-8BITMIME", *(["250-PIPELINING"] if self.pipelining else [])]
                    connection.sendall("\r\n".join([*extensions, "250 SIZE 10000000"]).encode() + b"\r\n")
                case "MAIL":
                    sender = rest if say("mail", rest, "250 2.1.0 Ok") else ""
                case "RCPT":
                    address = rest.partition("<")[2].partition(">")[0]
                    recipient = address if say("rcpt", address, "250 2.1.5 Ok") else ""
                case "DATA" if not (sender and recipient):
                    connection.sendall(b"554 5.5.1 No valid recipients\r\n")
                case "DATA":
                    if say("data", recipient, "354 Go on"):
                        self._message(lines, connection, sender, recipient, say)
                    sender = recipient = ""
                case "RSET" | "NOOP":
                    sender = recipient = ""
                    connection.sendall(b"250 2.0.0 Ok\r\n")
                case "QUIT":
                    connection.sendall(b"221 2.0.0 Bye\r\n")
                    return
                case _:
                    connection.sendall(b"500 5.5.2 What?\r\n")

    def _message(self, lines, connection, sender, recipient, say) -> None:
        parts = []
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise OSError("cut by the client")
            parts.append(line)
        mail = Mail(sender, recipient, b"".join(parts))
        answer = self.hook("message", recipient)
        if answer and answer[0] not in "2t":
            connection.sendall(answer.encode() + b"\r\n") if answer != "cut" else connection.shutdown(socket.SHUT_RDWR)
            if answer == "cut":
                raise OSError("cut")
            return
        with self.lock:
            self.mails.append(mail)
        if answer == "take and cut":
            connection.shutdown(socket.SHUT_RDWR)
            raise OSError("cut")
        connection.sendall((answer or "250 2.0.0 Taken").encode() + b"\r\n")


@contextmanager
def running(hook: Hook | None = None, **options: bool) -> Iterator[Server]:
    server = Server(hook, **options)
    try:
        yield server
    finally:
        server.stop()
