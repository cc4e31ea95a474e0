"""`python -m ceap.web.roles ROLE`: a role as the supervisor starts it, without the weight of the command line."""

from __future__ import annotations

import sys
from importlib import import_module

from ceap.kit.home import Home
from ceap.kit.problem import Problem
from ceap.kit.process import refuse

MODULES = {
    "serve": "ceap.web.supervisor",
    "app": "ceap.web.roles.app",
    "edge": "ceap.edge.server",
    "worker": "ceap.web.roles.worker",
}


def main() -> None:
    """Run the role on the home of `$CEAP_HOME`."""
    try:
        import_module(MODULES[sys.argv[1]]).run(Home.load())
    except Problem as problem:
        refuse(problem, as_json="--json" in sys.argv)


if __name__ == "__main__":
    main()
