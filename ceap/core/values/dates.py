"""Dates and moments as people and programs write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

from ceap.core.values.forms import Detected, detected
from ceap.core.values.text import visible


class DateForm(StrEnum):
    """How digits alone are read. Year first (2026-11-20) and months in words are read in every form."""

    YEAR_FIRST = "year_first"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    EXCEL = "excel"
    UNIX = "unix"


LABELS = {
    DateForm.YEAR_FIRST: "2026-11-20 or 20 Nov 2026",
    DateForm.DAY_FIRST: "20/11/2026 (day first)",
    DateForm.MONTH_FIRST: "11/20/2026 (month first)",
    DateForm.EXCEL: "46346.5 (a spreadsheet's day number)",
    DateForm.UNIX: "1795163400 (seconds or milliseconds since 1970)",
}
LATEST_SHORT = 2049  # two digits of a year are read as 1950 to 2049, as spreadsheets do
EXCEL_DAYS = (1, 2_958_465)
_EXCEL_ZERO = datetime(1899, 12, 30)
AMBIGUOUS = "could be two dates (day or month first?); say which comes first, or write 2026-11-20"
NO_DATE = "is not a date such as 2026-11-20"
NO_MOMENT = "is not a date and time such as 2026-11-20 14:30"
NO_DAY = "is not a day of the calendar"
# English, German, French, Spanish, Italian, Portuguese, Dutch, Indonesian; without accents, three letters or more.
_MONTHS = (
    "january jan januar janvier enero ene gennaio gen janeiro januari",
    "february feb februar fevrier fev fevr febrero febbraio fevereiro februari",
    "march mar marz maerz mrz mars marzo marco maart mrt maret",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug aout agosto ago agustus agu agt augustus",
    "september sep sept septembre septiembre settembre set setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro nopember",
    "december dec dezember dez decembre diciembre dic dicembre dezembro desember des",
)
_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_WORD = r"([^\W\d_]{3,12})\.?"
_SEPARATED = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_DAY_WORD = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?[-/ ,]*(?:of |de )?{_WORD}(?: de)?[-/ ,]*(\d{{4}}|\d{{2}})")
_WORD_DAY = re.compile(rf"{_WORD}[-/ ]*(\d{{1,2}})(?:st|nd|rd|th)?(?:,| )[-/ ,]*(\d{{4}}|\d{{2}})")
_YEAR_WORD = re.compile(rf"(\d{{4}})[-/ ]{_WORD}[-/ ](\d{{1,2}})")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,\s*|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<zone>z|(?:utc|gmt)?\s*[+-]\d{2}:?\d{2}|utc|gmt)?(?:\s*\([^)]*\))?",
    re.IGNORECASE,
)
_JS = re.compile(r"^([A-Z][a-z]{2}) ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (.*)$")


def day(text: str, form: DateForm | str = "", *, latest: int = LATEST_SHORT) -> date:
    """The date that `text` says. `latest` is the last year that two digits can mean; "" as form: none was chosen.

    Raises:
        ValueError: it says none, could be two, or has a time of day, which a date would lose.
    """
    found = _moment(text, form, latest, NO_DATE)
    if (found.hour, found.minute, found.second, found.microsecond) != (0, 0, 0, 0):
        raise ValueError("has a time of day; give the date alone, such as 2026-11-20")
    return found.date()


def moment(text: str, form: DateForm | str = "", *, latest: int = LATEST_SHORT) -> datetime:
    """The moment that `text` says: aware when it names a zone, else naive wall time; a date alone is its midnight.

    Raises:
        ValueError: it says none, or could be two.
    """
    return _moment(text, form, latest, NO_MOMENT)


def detect(values: Iterable[str]) -> Detected:
    """Which form the dates or moments of a column have. A column of digits alone is a spreadsheet's or Unix's."""
    return detected(values, {str(form): label for form, label in LABELS.items()}, moment)


def _moment(text: str, form: DateForm | str, latest: int, otherwise: str) -> datetime:
    text = " ".join(visible(text).replace("年", "-").replace("月", "-").replace("日", " ").split())
    if len(text) > 80:
        raise ValueError(otherwise)
    if (counted := _counted(text, form)) is not None:
        return counted
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?", text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # said below what is wrong with it
    if found := _JS.match(text):
        text = f"{found[3]} {found[2]} {found[4]} {found[5]}"
    bare, time = _parted(_WEEKDAY.sub("", text), otherwise)
    known = _date(bare.strip(" ,"), form, latest, otherwise)
    return _at(known, time, otherwise) if time else datetime(known.year, known.month, known.day)


def _parted(text: str, otherwise: str) -> tuple[str, str]:
    """The date and the time of day ("" without one)."""
    if re.match(r"\d{4}-?\d{2}-?\d{2}T\d", text):
        head, _, tail = text.partition("T")
        return head, tail
    if found := re.search(r"[ ,]+(\d{1,2}(?:[:h]\d{2}|\s*[apAP]\.?\s?[mM]).*)$", text):
        return text[: found.start()], found[1]
    return text, ""


def _counted(text: str, form: DateForm | str) -> datetime | None:
    """A moment counted from a beginning: only when that form was chosen or detected."""
    if form == DateForm.EXCEL and re.fullmatch(r"\d{1,7}([.,]\d+)?", text):
        days = float(text.replace(",", "."))
        if not EXCEL_DAYS[0] <= days < EXCEL_DAYS[1] + 1:
            raise ValueError(NO_DAY)
        return _EXCEL_ZERO + timedelta(seconds=round(days * 86_400))
    if form == DateForm.UNIX and re.fullmatch(r"\d{9,10}|\d{12,13}", text):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text) * (1 if len(text) > 10 else 1000))
    return None


def _date(text: str, form: DateForm | str, latest: int, otherwise: str) -> date:
    if re.fullmatch(r"\d{8}", text):
        return _of(int(text[:4]), int(text[4:6]), int(text[6:]))
    if found := _SEPARATED.fullmatch(text):
        return _of_digits(found[1], found[3], found[4], form, latest, otherwise)
    if found := _DAY_WORD.fullmatch(text):
        return _of(_year(found[3], latest), _named(found[2], otherwise), int(found[1]))
    if found := _WORD_DAY.fullmatch(text):
        return _of(_year(found[3], latest), _named(found[1], otherwise), int(found[2]))
    if found := _YEAR_WORD.fullmatch(text):
        return _of(int(found[1]), _named(found[2], otherwise), int(found[3]))
    raise ValueError(otherwise)


def _of_digits(first: str, second: str, third: str, form: DateForm | str, latest: int, otherwise: str) -> date:
    if len(first) == 4 and len(third) <= 2:
        return _of(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        raise ValueError(otherwise)
    one, two = int(first), int(second)
    if form not in (DateForm.DAY_FIRST, DateForm.MONTH_FIRST):
        if len(third) == 2 and form != "":
            raise ValueError(otherwise)
        if one != two and one <= 12 and two <= 12:
            raise ValueError(AMBIGUOUS)
        form = DateForm.DAY_FIRST if one > 12 else DateForm.MONTH_FIRST
    number, month = (one, two) if form == DateForm.DAY_FIRST else (two, one)
    return _of(_year(third, latest), month, number)


def _year(text: str, latest: int) -> int:
    if len(text) == 4:
        return int(text)
    year = latest - latest % 100 + int(text)
    return year if year <= latest else year - 100


def _named(word: str, otherwise: str) -> int:
    letters = unicodedata.normalize("NFKD", word.casefold())
    found = _MONTH.get("".join(c for c in letters if not unicodedata.combining(c)))
    if found is None:
        raise ValueError(otherwise)
    return found


def _of(year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        raise ValueError(NO_DAY) from None


def _at(known: date, text: str, otherwise: str) -> datetime:
    found = _TIME.fullmatch(text.strip())
    if not found or (found["minute"] is None and not found["half"]):
        raise ValueError(otherwise)
    hour, half = int(found["hour"]), (found["half"] or "")[:1].lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    part = int((found["part"] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(
            known.year, known.month, known.day, hour, int(found["minute"] or 0), int(found["second"] or 0), part
        )
        return moment.replace(tzinfo=_zone(found["zone"])) if found["zone"] else moment
    except ValueError:
        raise ValueError(otherwise) from None


def _zone(text: str) -> timezone:
    found = re.search(r"([+-])(\d{2}):?(\d{2})", text)
    if not found:
        return UTC
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead)
