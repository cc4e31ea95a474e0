"""What is generated and checked in: the two OpenAPI documents, the page's typed client, the page of settings."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "snapshots"
SETTINGS = ROOT / "docs" / "use" / "organisation.md"
CLIENT = ROOT / "ui" / "src" / "lib" / "schema.gen.ts"


def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI documents of this code, by file name."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CEAP_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "ceap.web.settings"
        import django

        django.setup()
        from ceap.edge.openapi import document
        from ceap.web.api import api

        return {
            "openapi.json": json.loads(json.dumps(api.get_openapi_schema(), default=str)),
            "edge-openapi.json": document("http://127.0.0.1:8001"),
        }


def settings_page() -> str:
    """docs/use/organisation.md with the tables of the settings as the code has them."""
    from ceap.accounts.rules import SETTINGS as settings

    head = SETTINGS.read_text().partition("\n## ")[0].rstrip()
    groups: dict[str, list[str]] = {}
    for one in settings.values():
        row = f"| {one.label} | `{one.key}` | {_default(one.default)} | {one.about} |"
        groups.setdefault(one.group or "Others", []).append(row)
    columns = "| setting | key | default | what it does |\n|---|---|---|---|"
    return "\n\n".join([head, *(f"## {name}\n\n{columns}\n" + "\n".join(rows) for name, rows in groups.items())]) + "\n"


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    words = value if isinstance(value, list) else [value] if value else []
    return ", ".join(f"`{word}`" if word else "" for word in words) or "–"


def rendered(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write() -> list[str]:
    """Refresh everything generated; returns the files that changed."""
    changed = []
    for name, document in documents().items():
        file = FOLDER / name
        if not file.exists() or file.read_text() != rendered(document):
            file.write_text(rendered(document))
            changed.append(str(file.relative_to(ROOT)))
    if SETTINGS.read_text() != settings_page():
        SETTINGS.write_text(settings_page())
        changed.append(str(SETTINGS.relative_to(ROOT)))
    before = CLIENT.read_text() if CLIENT.exists() else ""
    generate(CLIENT)
    if CLIENT.read_text() != before:
        changed.append(str(CLIENT.relative_to(ROOT)))
    return changed


def stale() -> list[str]:
    """The generated files that are not what this code and the snapshot say."""
    found = [
        name
        for name, document in documents().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text() != rendered(document)
    ]
    found += [str(SETTINGS.relative_to(ROOT))] if SETTINGS.read_text() != settings_page() else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schema.gen.ts"
        generate(file)
        if not CLIENT.exists() or CLIENT.read_text() != file.read_text():
            found.append(str(CLIENT.relative_to(ROOT)))
    return found


def generate(file: Path) -> None:
    """The page's typed client of the checked-in OpenAPI snapshot, into `file`."""
    command = ["../scripts/node", "npx", "openapi-typescript", str(FOLDER / "openapi.json"), "-o", str(file)]
    subprocess.run(command, cwd=ROOT / "ui", check=True, capture_output=True)
