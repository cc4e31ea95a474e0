"""`python -m ceap`, the same as `ceap`."""

import os
import sys
from pathlib import Path

# `python -m` searches the working folder before the libraries: a stray json.py there must not take their place.
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]
    sys.path.append(str(Path(__file__).resolve().parents[1]))  # where this was not installed, but only unpacked

from ceap.web.cli import main

main()
