"""The child: reads one file within its limits and writes its rows as an Arrow file.

One JSON line comes in, one goes out: {"about"} or {"bad"} or {"full"}.
"""

from __future__ import annotations

import errno
import json
import resource
import sys
from pathlib import Path
from typing import Any

from ceap.core.sheets.contracts import LIMITS, BadFile, Choice, Form
from ceap.core.sheets.copying import copy


def confine(size: int) -> None:
    """Give up what reading does not need."""
    seconds = int(LIMITS.time(size)) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (LIMITS.memory, LIMITS.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    room = LIMITS.room(size)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))


def main() -> None:
    job = json.loads(sys.stdin.readline())
    path = Path(job["path"])
    confine(path.stat().st_size)
    form = Form(**job["form"]) if job["form"] else None
    answer: dict[str, Any]
    try:
        answer = {"about": copy(path, job["name"], Path(job["out"]), form, Choice(**job["choice"]))}
    except BadFile as bad:
        answer = {"bad": bad.detail}
    except MemoryError:
        answer = {"bad": "Reading this file takes more memory than a file may take. Split it, or save it as CSV."}
    except OSError as error:
        if error.errno == errno.EFBIG:
            answer = {"bad": "This file unpacks to more than a file of its size may hold. Save it as CSV."}
        elif error.errno in (errno.ENOSPC, errno.EDQUOT):
            answer = {"full": error.errno}
        else:
            answer = {"bad": f"This file cannot be read: {error.strerror or error}"}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
