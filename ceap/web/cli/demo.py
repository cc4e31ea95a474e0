"""`ceap demo`: a filled installation to look around in."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import typer

from ceap.web.cli import JSON, app, django, home_of

OPENER = """
import sys, time, urllib.request, webbrowser
for _ in range(300):
    try:
        urllib.request.urlopen(sys.argv[1] + "/readyz", timeout=1)
        webbrowser.open(sys.argv[1])
        break
    except OSError:
        time.sleep(0.2)
"""


@app.command()
def demo(
    scenario: str = typer.Option("retail", "--scenario", help="Which demo: retail or grocery."),
    size: int = typer.Option(None, "--size", help="How many customers the grocery demo is made with (100,000)."),
    reset: bool = typer.Option(False, "--reset", help="Remove the demo's home and start over."),
    no_open: bool = typer.Option(False, "--no-open", help="Do not open a browser."),
    no_serve: bool = typer.Option(False, "--no-serve", help="Only fill the home, start nothing."),
    home: str = typer.Option(None, "--home", help="The demo's folder (else $CEAP_HOME, else .home/<scenario>)."),
    as_json: bool = JSON,
) -> None:
    """Load purchases with made-up people, print the logins, start everything and open the page.

    The data is kept: a second start takes seconds. A fill that was cut short is begun anew; --reset starts over.
    """
    from ceap.kit.lock import HomeLock, holder
    from ceap.kit.problem import Conflict
    from ceap.kit.process import python
    from ceap.web import demo as scenes

    if scenario not in scenes.SCENARIOS:
        raise typer.BadParameter(f"one of: {', '.join(scenes.SCENARIOS)}", param_hint="--scenario")
    scenes.size_of(scenario, size)
    where = home_of(home or os.environ.get("CEAP_HOME") or f".home/{scenario}")
    if found := holder(where):
        raise Conflict(f"The demo is running already (process {found.pid}): {where.app_url}. Stop it first.")
    where = scenes.prepare(where, reset=reset)
    django(str(where.path))
    from ceap.web.store import prepare

    began = time.monotonic()
    with HomeLock(where, "app", "command"):
        prepare()
        if (there := scenes.filled()) and there != scenario:
            raise Conflict(f"{where.path} is filled with the {there} demo: `--reset` starts over.")
        if there and size is not None:
            print("  This home is filled already: --size counts with --reset only.", file=sys.stderr)
        if not there:

            def say(step: str) -> None:
                print(f"  {time.monotonic() - began:5.1f} s  {step}", file=sys.stderr, flush=True)

            counts = scenes.fill(scenario, say, size)
            words = ", ".join(f"{number:,} {name}" for name, number in counts.items())
            print(f"  {time.monotonic() - began:5.1f} s  Ready: {words}", file=sys.stderr)
    _tell(where.app_url, scenes.SCENARIOS[scenario].words, as_json)
    if no_serve:
        return
    if not no_open and _has_browser():
        subprocess.Popen(python("-c", OPENER, where.app_url), start_new_session=True)
    sys.stdout.flush()
    # In the place of this process: it holds Django and the warehouse's libraries, which the supervisor does without.
    arguments = ["serve", "--home", str(where.path), *(["--json"] if as_json else [])]
    os.execv(sys.executable, python("-m", "ceap", *arguments))  # noqa: S606


def _tell(url: str, words: str, as_json: bool) -> None:
    from dataclasses import asdict

    from ceap.web.cli import emit
    from ceap.web.demo import logins

    lines = [f"\n  {url}   ({words})\n"]
    lines += [f"  {each.role:20} {each.email:22} {each.password}" for each in logins()]
    emit({"url": url, "logins": [asdict(each) for each in logins()]}, as_json=as_json, text="\n".join(lines) + "\n")


def _has_browser() -> bool:
    """Whether a person could see a browser that is opened here."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
