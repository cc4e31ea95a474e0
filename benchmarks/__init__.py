"""One file for each promise of speed: `ceap bench F-6 --scale small|full`.

A file `f06_….py` has `ID`, `WORK` (what is measured, and what is to be reached) and `run(scale) -> Result`. Each runs
in a process of its own, on a throw-away home in `$CEAP_HOME`.
"""
