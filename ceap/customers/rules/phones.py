"""Recognising phone numbers a column at a time: accepts in SQL only what `contacts.phone` accepts, in the same form."""

from __future__ import annotations

from functools import cache

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from ceap.core.values.contacts import MADE_UP

BARE = "regexp_replace({raw}, '[ ().\\-/]', '', 'g')"


@cache
def _calling_code(code: int) -> tuple[str, str] | None:
    """The pattern of national numbers behind a calling code, and the prefix that may stand before them."""
    region = phonenumbers.region_code_for_country_code(code)
    if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        return None
    found = PhoneMetadata.metadata_for_region(region, None)
    general = found and found.general_desc
    if not general or not general.national_number_pattern:
        return None
    kinds = _kinds(found) if found else ""
    if not kinds:
        return None
    lengths = "|".join(rf"\d{{{n}}}" for n in sorted(general.possible_length))
    return f"^({kinds})$", f"^({lengths})$" if lengths else ""


def _kinds(region: PhoneMetadata) -> str:
    """The numbers that the region has given out, of every kind, as one pattern."""
    kinds = (
        region.fixed_line, region.mobile, region.toll_free, region.premium_rate, region.shared_cost,
        region.personal_number, region.voip, region.pager, region.uan, region.voicemail,
    )  # fmt: skip
    return "|".join(f"(?:{one.national_number_pattern})" for one in kinds if one and one.national_number_pattern)


def _prefixes(region: str) -> list[str] | None:
    """What may stand before a national number of `region` and is stripped; None = only a parser can tell."""
    data = PhoneMetadata.metadata_for_region(region, None)
    if data is None or data.national_prefix_transform_rule:
        return None
    found = data.national_prefix_for_parsing.split("|") if data.national_prefix_for_parsing else []
    return found if all(each.isdigit() for each in found) else None


def _accepts(number: str, code: int) -> str | None:
    """SQL: whether `number` (SQL) is surely a national number of calling code `code`."""
    known, prefixes = _calling_code(code), _prefixes(phonenumbers.region_code_for_country_code(code))
    if known is None or prefixes is None or not known[1]:
        return None
    bare = "".join(f" AND NOT starts_with({number}, '{prefix}')" for prefix in prefixes)
    return f"regexp_full_match({number}, '{known[0]}') AND regexp_full_match({number}, '{known[1]}'){bare}"


def fast(raw: str, prefixes: list[str], region: str) -> str:
    """SQL for the E.164 form of text `raw`, null where only `contacts.phone` can tell.

    `prefixes` are the first three digits that occur behind a "+"; they keep the expression short.
    """
    bare = BARE.format(raw=raw)
    codes = {
        int(prefix[:length])
        for prefix in prefixes
        for length in (1, 2, 3)
        if int(prefix[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    }
    branches = [f"WHEN regexp_full_match({bare}, '{MADE_UP}') THEN {bare}"]
    for code in sorted(codes):
        if accepts := _accepts(f"substr({bare}, {len(str(code)) + 2})", code):
            branches.append(f"WHEN starts_with({bare}, '+{code}') AND {accepts} THEN {bare}")
    if region and "0" in (_prefixes(region) or ()):
        own = phonenumbers.country_code_for_region(region)
        main = phonenumbers.region_code_for_country_code(own) == region
        if main and (accepts := _accepts(f"substr({bare}, 2)", own)):
            branches.append(f"WHEN starts_with({bare}, '0') AND {accepts} THEN '+{own}' || substr({bare}, 2)")
    return f"CASE {' '.join(branches)} END"
