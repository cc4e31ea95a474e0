"""Reports bring their own fonts: every script is drawn, and the same on a machine without any font."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from pathlib import Path
from typing import Any

import pypdf

from ceap.kit.process import python
from ceap.reports import pdf
from tests.reports.test_layout import heading, segment

SCRIPTS = {
    "NotoSansCJKsc": "김민수 王伟 山田はなこ",
    "NotoSansArabic": "محمد علي",
    "NotoSansThai": "สมชาย",
    "NotoSansDevanagari": "शांति",
    "NotoEmoji": "😀🎉",
    "LibertinusSerif": "Ann Ångström Иван Γιώργος",
}
TITLE = " ".join(SCRIPTS.values())
ROOT = Path(__file__).parents[2]


def embedded(content: bytes) -> dict[str, bool]:
    """The fonts of a PDF by name, and whether their glyphs are in it."""
    found = {}
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        resources: Any = page["/Resources"]
        for one in resources["/Font"].values():
            font = one.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            name = str(font["/BaseFont"]).lstrip("/").partition("+")[2].partition("-")[0]
            found[name] = any("FontFile" in key for key in inner["/FontDescriptor"])
    return found


def made() -> bytes:
    return pdf.segment_pdf(segment(heading=heading(title=TITLE, description=TITLE)))


def test_every_script_is_drawn_by_a_font_that_is_in_the_file() -> None:
    found = embedded(made())
    assert {name: found.get(name) for name in SCRIPTS} == dict.fromkeys(SCRIPTS, True)
    assert all(found.values())


def test_a_report_is_the_same_on_a_machine_without_fonts(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    code = (
        "import hashlib; from tests.reports.test_fonts import made; print(hashlib.sha256(made()).hexdigest())"
    )  # fmt: skip
    bare = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        python("-c", code), cwd=ROOT, env={**os.environ, **bare, "PYTHONPATH": path}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split()[-1] == hashlib.sha256(made()).hexdigest()
