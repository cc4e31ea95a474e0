"""The least that can answer a look-up: one ASGI function and SQLite. The limit of F-5."""

from __future__ import annotations

import json
import sys

import pysqlite3.dbapi2 as driver
import uvicorn

connection = driver.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, check_same_thread=False)
connection.execute("PRAGMA mmap_size=268435456")
SQL = (
    "SELECT c.id, c.full_name, c.email FROM customers_identity i JOIN customers_customer c ON c.id = i.customer_id "
    "WHERE i.kind = 'email' AND i.value = ?"
)


async def application(scope, receive, send):  # type: ignore[no-untyped-def]
    """One row as JSON."""
    row = connection.execute(SQL, [scope["path"].rpartition("/")[2]]).fetchone()
    body = json.dumps(row).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        application, host="127.0.0.1", port=int(sys.argv[2]), log_level="critical", access_log=False, lifespan="off"
    )
