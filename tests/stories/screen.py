"""What a person does and sees on a page in the browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.counts import often
from tests.stories.installations import ROOT

CHROMIUM = os.environ.get("CEAP_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 60_000  # milliseconds: other suites share the machine
DEMO_PASSWORD = "ceap-demo-2026"
AXE = (ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js").read_text
LOOKS = often(  # each scheme and each width once, or all four pairs
    [("light", 1440), ("dark", 390)], [(scheme, width) for scheme in ("light", "dark") for width in (1440, 390)]
)

# How many requests of the page are under way, for `settle`.
COUNTED = """(() => {
  const real = window.fetch
  window.underWay = 0
  window.fetch = (...given) => {
    window.underWay += 1
    return real(...given).finally(() => { window.underWay -= 1 })
  }
})()"""
# The browser's clock, moved to the moment to which the run was.
MOVED = """(() => {
  const Real = Date, shift = SHIFT
  window.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + shift) }
    static now() { return Real.now() + shift }
  }
})()"""
# The first element that would change bit by bit although whoever looks asked for less motion.
MOVING = """() => {
  const moves = (one) => getComputedStyle(one).transitionDuration.split(', ').some((time) => time !== '0s')
  const asked = matchMedia('(prefers-reduced-motion: reduce)').matches
  return asked && [...document.querySelectorAll('*')].find(moves)?.outerHTML.slice(0, 160)
}"""
_SETTLED = """() => new Promise((done) => {
  const LOADING = '[aria-busy=true], .mantine-Skeleton-root, .mantine-Loader-root'
  const isMoving = () => document.getAnimations().some((one) => one.effect.getComputedTiming().endTime < Infinity)
  let timer
  const rest = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (window.underWay || document.querySelector(LOADING) || isMoving()) return rest()
      watcher.disconnect()
      requestAnimationFrame(() => requestAnimationFrame(done))
    }, 60)
  }
  const watcher = new MutationObserver(rest)
  watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  rest()
})"""


@contextmanager
def person(browser: Any, **more: Any) -> Iterator[Any]:
    """A page of a person of its own, closed at the end of the block; no error of its scripts may go unhandled."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB", **more)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(COUNTED)
    if shift := float(os.environ.get("CEAP_CLOCK_SHIFT", "0")):
        context.add_init_script(MOVED.replace("SHIFT", str(1000 * shift)))
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert broken == []


def settle(page: Any) -> None:
    """Wait until nothing is being loaded, drawn anew or moved."""
    page.evaluate(_SETTLED)


def look(page: Any, scheme: str, width: int) -> None:
    """Show the page as it is now in another scheme and width, once it has settled."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for(state="attached")
    settle(page)


def defects(page: Any) -> list[str]:
    """What axe calls serious or critical, whether the page is wider than the screen, and what moves unasked."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    serious = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        serious.append("wider than the screen")
    if moving := page.evaluate(MOVING):
        serious.append(f"moves although the person asked for less motion: {moving}")
    return serious


def shot(page: Any, story: str, name: str) -> None:
    """Leave a picture of the whole page behind."""
    folder = ROOT / "tests" / "artifacts" / story
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"{name}.png"), full_page=True)


def labelled(page: Any, label: str) -> Any:
    """The field with exactly this label, whether it is marked as required or not."""
    return page.get_by_label(re.compile(rf"^{label}(\s\*)?$"))


def choose(page: Any, within: Any, label: str, option: str) -> None:
    """Pick an option of a Select."""
    within.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def sign_in(page: Any, url: str, email: str = "admin@demo.test") -> None:
    """Sign in to a demo as one of its users."""
    page.goto(f"{url}/login")
    page.get_by_label("Email").fill(email)
    page.locator("input[type=password]").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Home", level=1).wait_for()


def _origin(page: Any) -> str:
    return "/".join(page.url.split("/", 3)[:3])


def get(page: Any, path: str) -> Any:
    """What the API answers to the user who is signed in on the page."""
    answer = page.context.request.get(_origin(page) + path)
    assert answer.ok, f"{path}: {answer.status} {answer.text()}"
    return answer.json()


def send(page: Any, method: str, path: str, body: Any = None) -> Any:
    """What the API answers to a write of the user who is signed in on the page; {} when it has nothing to say."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.context.request.fetch(
        _origin(page) + path, method=method, data=body, headers={"X-CSRFToken": token, "Referer": page.url}
    )
    assert answer.ok, f"{path}: {answer.status} {answer.text()}"
    return answer.json() if answer.body() else {}
