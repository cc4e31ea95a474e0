"""`make soak`: what is too long for `make test`. More than an hour: for a night, or before a release.

1. the selection of `make test-fast`, and what looks at days, at ten moments at which programs that lean on the clock
   fail;
2. everything marked `soak`, then the full counts of random cases and kills (`tests.counts`);
3. both OpenAPI documents, tried by a machine (`SECONDS` of tests/web/test_documents.py for each).
"""

from __future__ import annotations

from typing import Any

from tests.provision import postgresql
from tests.run import FAST, ORDINARY, PYTEST, SINGLY, SPREAD, Outcome, marked, suite

DOCUMENTS, INPUTS = "tests/web/test_documents.py", "tests/web/test_fuzz.py"
LIMIT = 7_200.0  # seconds a suite may take before it counts as hung
MOMENTS = {  # the run begins there and time goes on: a change of hour or day happens while it runs
    "at 03:00 UTC": "2027-06-16T03:00:00Z",
    "at 23:59 UTC": "2027-06-16T23:59:00Z",
    "spring night, Berlin": "2027-03-28T00:59:00Z",
    "autumn night, Berlin": "2027-10-31T00:59:00Z",
    "spring night, New York": "2027-03-14T06:59:00Z",
    "autumn night, New York": "2027-11-07T05:59:00Z",
    "29 February": "2028-02-29T12:00:00Z",
    "31 December": "2027-12-31T23:30:00Z",
    "a Monday": "2027-09-06T08:00:00Z",
    "the first of a month": "2027-08-01T00:01:00Z",
}
LEANING = {  # files that --fast leaves out for their length, and that look at days
    f"--ignore=tests/segments/test_{name}.py"
    for name in ("history", "holding", "incremental", "lists", "recalculation", "turns")
}


def soak() -> list[Outcome]:
    """Run all of it; every part says its counts as it ends."""
    outcomes = []
    for name, moment in MOMENTS.items():
        chosen = [word for word in FAST if word not in LEANING]
        outcomes.append(suite(name, chosen, limit=LIMIT, CEAP_TEST_NOW=moment))
    full: dict[str, Any] = {"CEAP_TEST_FULL": "1"}
    soaked = [path for path in marked("soak") if path not in (DOCUMENTS, INPUTS)]
    outcomes.append(suite("soak", [*PYTEST, "-m", "soak", *soaked], limit=LIMIT, **full))
    outcomes.append(suite("every input", [*PYTEST, *SINGLY, "-m", "soak", INPUTS], limit=LIMIT))
    outcomes.append(suite("full counts", [*PYTEST, *SPREAD, "-m", ORDINARY], limit=LIMIT, **full))
    outcomes.append(suite("every look", [*PYTEST, *SPREAD, "-m", "story", *marked("story")], limit=LIMIT, **full))
    with postgresql() as url:
        kills = [*PYTEST, "-n", "2", "--dist", "worksteal", "-m", "crash", *marked("crash")]
        outcomes.append(suite("kills", kills, limit=LIMIT, CEAP_TEST_POSTGRESQL_URL=url, **full))
    outcomes.append(suite("both documents", [*PYTEST, "-m", "soak", DOCUMENTS], limit=LIMIT))
    return outcomes
