"""Reports as PDF, laid out by Typst; the data goes in as JSON, so nothing a person typed is read as markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from ceap.reports.contracts import CampaignReport, DiscoveredReport, Fact, Heading, Part, Point, SegmentReport
from ceap.reports.rules import shares

TEMPLATES = Path(__file__).with_name("templates")
FONTS = ("manimgx_fonts", "manimgx_fonts_cjk")  # packages that carry the Noto fonts, which style.typ names


def segment_pdf(report: SegmentReport) -> bytes:
    """The PDF of a segment."""
    charts = [
        {"title": chart.title, "shares": [asdict(one) | {"label": _short(one.label)} for one in chart.shares]}
        for chart in report.charts
    ]
    data = asdict(report) | {"charts": charts, "heading": _heading(report.heading), "history": _series(report.history)}
    return _compiled("segment", data, report.heading)


def discovered_pdf(report: DiscoveredReport) -> bytes:
    """The PDF of a discovered segment."""
    data = asdict(report) | {"heading": _heading(report.heading)}
    data["facts"] = [_fact(one, report.currency) for one in report.facts]
    for name in ("categories", "outlets", "recency", "ages"):
        parts: list[Part] | None = getattr(report, name)
        if parts is not None:
            data[name] = [
                asdict(one) | {"label": _short(one.label.capitalize() if name == "categories" else one.label)}
                | {"money": "" if one.money is None else f"{one.money:,.0f}"}
                for one in parts
            ]  # fmt: skip
    return _compiled("discovered", data, report.heading)


def _fact(fact: Fact, currency: str) -> dict[str, str]:
    """A number as people read it, and beside what it stands."""

    def told(value: float | None) -> str:
        match value, fact.unit:
            case None, _:
                return "–"
            case number, "money":
                return _money(number)
            case number, _:
                return f"{number:,.1f}"

    total = fact.label == "Sales"
    beside = f"of {told(fact.average)}" if total else f"all segments {told(fact.average)}"
    note = f"{currency}, {beside}" if fact.unit == "money" else beside
    return {"label": fact.label, "value": told(fact.value), "note": note}


def _money(value: float) -> str:
    """Large sums in millions, so that they fit and can be read."""
    return f"{value / 1e6:,.2f} M" if abs(value) >= 1e6 else f"{value:,.0f}"


def campaign_pdf(report: CampaignReport) -> bytes:
    """The PDF of a campaign."""
    start = min((points[0].at for points in report.timeline.values() if points), default=None)
    data: dict[str, Any] = {
        "heading": _heading(report.heading), "status": report.status, "segment": report.segment,
        "waterfall": [asdict(step) for step in report.waterfall], "planned": report.planned,
        "sent": dict(report.states).get("sent", 0), "opened": report.opened, "clicked": report.clicked,
        "unsubscribed": report.unsubscribed, "converted": report.converted, "revenue": f"{report.revenue:,.2f}",
        "cost": f"{report.cost:,.2f}", "roi": "–" if report.roi is None else f"{report.roi:,.0%}",
        "currency": report.currency, "apart": f", without {report.apart:,} lines that lack a rate" * bool(report.apart),
        "states": [
            asdict(one) | {"label": one.label.capitalize()} for one in shares(dict(report.states))
        ],
        "timeline": {name: _series(points, start) for name, points in report.timeline.items() if points},
    }  # fmt: skip
    return _compiled("campaign", data, report.heading)


@cache
def _fonts() -> typst.Fonts:
    """The fonts that come with the product and no other, so that a report looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(files(package)) for package in FONTS])


def _compiled(name: str, data: dict[str, Any], heading: Heading) -> bytes:
    return typst.compile(
        str(TEMPLATES / f"{name}.typ"),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, default=str)},
        timestamp=int(heading.made_at.timestamp()),
    )


def _heading(heading: Heading) -> dict[str, Any]:
    return asdict(heading) | {"made_at": _moment(heading.made_at), "data_as_of": _moment(heading.data_as_of)}


def _moment(at: datetime | None) -> str:
    return f"{at.day} {at:%b %Y, %H:%M}" if at else "–"


def _short(label: str) -> str:
    return label if len(label) <= 22 else label[:21].rstrip() + "…"


def _series(points: Sequence[Point], start: Any = None) -> list[dict[str, Any]]:
    begin: Any = start or (points[0].at if points else None)
    return [
        {"at": (point.at - begin).total_seconds(), "value": point.value, "label": _label(point.at)} for point in points
    ]


def _label(at: date | datetime) -> str:
    return f"{at.day} {at:%b %Y, %H:%M}" if isinstance(at, datetime) else f"{at.day} {at:%b %Y}"
