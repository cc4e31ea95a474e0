"""Reports as Excel workbooks: real numbers and dates, no text that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ceap.reports import bulk
from ceap.reports.contracts import (
    Campaign,
    CampaignReport,
    Chart,
    DiscoveredReport,
    Heading,
    Part,
    Point,
    SegmentReport,
)
from ceap.reports.rules import shares

ROWS = 1_048_575  # of one sheet, below its header
ACCENT = "#0E5F7A"


def _shown(title: str) -> str | None:
    """The format that a column's title asks for."""
    return "share" if title.endswith("%") else "amount" if title.endswith(")") else None


class Book:
    """A workbook being written to `out`, row by row, in little memory."""

    def __init__(self, out: BinaryIO):
        options = {
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "constant_memory": True, "remove_timezone": True, "nan_inf_to_errors": True,
        }  # fmt: skip
        self.book = xlsxwriter.Workbook(out, options)
        base = {"font_name": "Calibri", "valign": "top"}
        self.formats = {
            "title": self.book.add_format({**base, "bold": True, "font_size": 18, "font_color": ACCENT}),
            "head": self.book.add_format({**base, "bold": True, "bg_color": ACCENT, "font_color": "#FFFFFF"}),
            "label": self.book.add_format({**base, "font_color": "#5B6673"}),
            "text": self.book.add_format({**base, "text_wrap": True}),
            "number": self.book.add_format({**base, "num_format": "#,##0", "align": "left"}),
            "count": self.book.add_format({**base, "num_format": "#,##0"}),
            "money": self.book.add_format({**base, "num_format": "#,##0.00", "align": "left"}),
            "tenths": self.book.add_format({**base, "num_format": "#,##0.0", "align": "left"}),
            "percent": self.book.add_format({**base, "num_format": "0.0%", "align": "left"}),
            "amount": self.book.add_format({**base, "num_format": "#,##0.00"}),
            "share": self.book.add_format({**base, "num_format": "0.0%"}),
            "date": self.book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
            "moment": self.book.add_format({**base, "num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        }

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, style: str | None = None) -> None:
        """One cell, by the type of its value; text stays text whatever it begins with."""
        named = self.formats[style] if style else None
        match value:
            case None | "":
                return
            case bool():
                sheet.write_boolean(row, column, value, named)
            case datetime():
                sheet.write_datetime(row, column, value.replace(tzinfo=None), named or self.formats["moment"])
            case date():
                sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), self.formats["date"])
            case int() | float() | Decimal():
                sheet.write_number(row, column, float(value), named or self.formats["count"])
            case _:
                sheet.write_string(row, column, str(value)[:32_767], named)

    def table(
        self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]
    ) -> tuple[Worksheet, int]:
        """A sheet with a frozen header and filters; gives the sheet and its rows.

        Columns named "… %" are shares, "… (LKR)" money.
        """
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for at, (title, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, title, self.formats["head"])
        styles = [_shown(title) for title, _ in columns]
        count = 0
        for count, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                self.write(sheet, count, at, value, styles[at])
        if count:
            sheet.autofilter(0, 0, count, len(columns) - 1)
        return sheet, count

    def bulk(self, name: str, columns: Sequence[tuple[str, int]], parts: Iterable[pa.Table]) -> None:
        """A large sheet as `table` makes it, of tables with these columns; what is too much for one goes to another."""
        nth, parts = 1, iter(parts)
        part = next(parts, None)
        while nth == 1 or part is not None:
            sheet, _ = self.table(name if nth == 1 else f"{name} {nth}", columns, ())
            sheet._write_single_row(1)  # the header is written out; what follows is written behind it
            count = 0
            while part is not None and count < ROWS:
                taken, rest = part.slice(0, ROWS - count), part.slice(ROWS - count)
                styles = [self._style(title, kind) for (title, _), kind in zip(columns, part.schema.types, strict=True)]
                sheet.row_data_fh.write(bulk.rows(taken, count + 2, styles))
                count += taken.num_rows
                part = rest if rest.num_rows else next(parts, None)
            if count:
                sheet.dim_rowmax, sheet.dim_colmax = count, len(columns) - 1
                sheet.autofilter(0, 0, count, len(columns) - 1)
            nth += 1

    def _style(self, title: str, kind: pa.DataType) -> int:
        """The index of the format of a column."""
        if pa.types.is_string(kind):
            return 0
        name = "date" if pa.types.is_date(kind) else "moment" if pa.types.is_timestamp(kind) else "count"
        name = _shown(title) or name
        return int(self.formats[name]._get_xf_index())

    def summary(self, heading: Heading, facts: Sequence[tuple[str, Any, str]]) -> None:
        """The first sheet: what the report is about, in labels and values."""
        sheet = self.book.add_worksheet("Summary")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 80)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, heading.title, self.formats["title"])
        common: list[tuple[str, Any, str]] = [
            ("Description", heading.description, "text"),
            *facts,
            ("Data as of", heading.data_as_of, "moment"),
            ("Made at", heading.made_at, "moment"),
            ("Time zone", heading.zone, "text"),
            ("Made by", heading.made_by, "text"),
            ("Organisation", heading.organisation + (" (synthetic data)" if heading.synthetic else ""), "text"),
            ("Version", heading.number, "number"),
        ]
        for at, (label, value, style) in enumerate(common, 2):
            sheet.write_string(at, 0, label, self.formats["label"])
            self.write(sheet, at, 1, value, style)

    def line(self, sheet: Worksheet, name: str, rows: int, title: str) -> None:
        """A line chart of a sheet's first column (days) and second (values), beside them."""
        chart = self.book.add_chart({"type": "line"})
        chart.add_series(
            {
                "name": title,
                "categories": [name, 1, 0, rows, 0],
                "values": [name, 1, 1, rows, 1],
                "line": {"color": ACCENT, "width": 2},
            }
        )
        chart.set_title({"name": title})
        chart.set_legend({"none": True})
        chart.set_x_axis({"date_axis": True, "num_format": "d mmm yy"})
        chart.set_size({"width": 720, "height": 320})
        sheet.insert_chart("D2", chart)

    def bars(self, sheet: Worksheet, name: str, rows: int, title: str, at: str = "E2") -> None:
        """A bar chart of a sheet's first column (labels) and second (counts), beside them."""
        chart = self.book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": title,
                "categories": [name, 1, 0, rows, 0],
                "values": [name, 1, 1, rows, 1],
                "fill": {"color": ACCENT},
                "gap": 60,
            }
        )
        chart.set_title({"name": title})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 620, "height": max(220, 60 + 26 * rows)})
        sheet.insert_chart(at, chart)

    def distribution(self, chart: Chart) -> None:
        """A sheet with one chart's counts and shares."""
        rows = [(one.label, one.count, one.percent / 100) for one in chart.shares]
        sheet, count = self.table(chart.title, (("Value", 28), ("Customers", 12), ("Share %", 10)), rows)
        if count:
            self.bars(sheet, chart.title, count, chart.title)

    def close(self) -> None:
        self.book.close()


def segment_xlsx(
    report: SegmentReport, columns: Sequence[tuple[str, int]], members: Iterable[pa.Table], out: BinaryIO
) -> None:
    """The workbook of a segment, written to `out`; `members` are tables of `columns`."""
    book = Book(out)
    book.summary(
        report.heading,
        [
            ("Who is in it", report.rule, "text"),
            ("Customers", report.size, "number"),
            ("All customers", report.total, "number"),
            *((f"{step.label} (email)", step.count, "number") for step in report.reach[1:]),
            ("About the members", report.members_note, "text"),
        ],
    )
    sheet, count = book.table("Size over time", (("Day", 13), ("Customers", 12)), _points(report.history))
    if count > 1:
        book.line(sheet, "Size over time", count, "Customers")
    for chart in report.charts:
        book.distribution(chart)
    book.bulk("Members", columns, members)
    book.close()


def discovered_xlsx(
    report: DiscoveredReport, columns: Sequence[tuple[str, int]], members: Iterable[pa.Table], out: BinaryIO
) -> None:
    """The workbook of a discovered segment, written to `out`; `members` are tables of `columns`."""
    book = Book(out)
    campaign = report.campaign
    styles = {"money": "money", "number": "tenths", "days": "tenths"}
    book.summary(
        report.heading,
        [
            ("Filters", report.words, "text"),
            ("Customers", report.matched, "number"),
            ("Share of all segments", report.matched / report.everyone if report.everyone else None, "percent"),
            ("Customers of the segment", report.size, "number"),
            *(
                (f"{one.label} ({report.currency})" if one.unit == "money" else one.label, one.value, styles[one.unit])
                for one in report.facts
            ),
            *((f"Trait {n}", words, "text") for n, (words, _) in enumerate(report.traits, 1)),
            ("Rule that comes near it", report.rule, "text"),
            ("The rule is right to", report.fidelity, "percent"),
            *((f"{name.capitalize()} suggested", value, "text") for name, value in _suggested(campaign)),
            *((f"{step.label} (email)", step.count, "number") for step in report.reach),
            ("Model", report.model, "text"),
            ("Source of the data", report.source, "text"),
            ("About the customers", report.members_note, "text"),
        ],
    )
    book.bulk("Customers", columns, members)
    for name, title, parts in (
        ("By outlet", "Main outlet", report.outlets), ("By category", "Category", report.categories),
        ("By last purchase", "Last purchase", report.recency), ("By age", "Age", report.ages),
    ):  # fmt: skip
        if parts is not None:
            _parts(book, name, title, parts, report.currency)
    book.close()


def _suggested(campaign: Campaign | None) -> list[tuple[str, str]]:
    if campaign is None:
        return []
    told = asdict(campaign)
    return [("campaign", told.pop("type")), *told.items()]


def _parts(book: Book, name: str, title: str, parts: Sequence[Part], currency: str) -> None:
    spent = any(one.money is not None for one in parts)
    share = "Share of sales %" if name == "By category" else "Share %"
    columns = [(title, 26), ("Customers", 12), (share, 16), ("All segments %", 15)]
    columns += [(f"Spend ({currency})", 18)] if spent else []
    rows = [
        (one.label, one.count, one.percent / 100, one.average / 100, *([one.money] if spent else [])) for one in parts
    ]
    sheet, count = book.table(name, columns, rows)
    if count:
        book.bars(sheet, name, count, title, at="G2")


def campaign_xlsx(report: CampaignReport, out: BinaryIO) -> None:
    """The workbook of a campaign, written to `out`."""
    book = Book(out)
    book.summary(
        report.heading,
        [
            ("Status", report.status, "text"),
            ("Audience", report.segment, "text"),
            ("Planned", report.planned, "number"),
            ("Opened", report.opened, "number"),
            ("Clicked", report.clicked, "number"),
            ("Unsubscribed", report.unsubscribed, "number"),
            ("Converted", report.converted, "number"),
            (f"Revenue ({report.currency})", report.revenue, "money"),
            *([("Order lines without a rate, not in the revenue", report.apart, "number")] if report.apart else []),
            (f"Cost ({report.currency})", report.cost, "money"),
            ("Return on investment", "–" if report.roi is None else f"{report.roi:.0%}", "text"),
        ],
    )
    book.table(
        "From segment to inbox", (("Step", 26), ("Customers", 12)), [(s.label, s.count) for s in report.waterfall]
    )
    states = shares(dict(report.states))
    book.distribution(Chart("Deliveries", states))
    for name, points in report.timeline.items():
        sheet, count = book.table(name[:31], (("Time", 17), (name, 12)), _points(points))
        if count > 1:
            book.line(sheet, name[:31], count, name)
    book.close()


def _points(points: Iterable[Point]) -> Iterable[tuple[date, int]]:
    return ((point.at, point.value) for point in points)
