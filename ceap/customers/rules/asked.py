"""What a rule or a search asks for, as fields keep it: so that "0812-9999-0001" finds +6281299990001."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from ceap.core import addresses
from ceap.core.values import contacts, text
from ceap.customers.contracts import Field, FieldType
from ceap.customers.rules import values
from ceap.customers.rules.values import Context

_NUMBER = 3  # digits that a piece of a phone number has at least
_WHOLE = {"is", "is_not", "contains_any", "contains_all"}  # of lists, each value is a whole one
_LINES = {FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTIPLE, FieldType.URL, FieldType.GPS}


def asked(of: Field, operator: str, value: str, context: Context) -> Any:
    """The text that field `of` is compared with by `operator` ("is", "contains", "starts_with" …).

    Raises:
        ValueError: no customer can have it; the message goes behind the name of the field.
    """
    own = "" if of.custom else of.key
    if operator in _WHOLE:
        found = _whole(of, own, value, context)
        if not found:
            raise ValueError("is compared with blanks alone; fill in a value, or choose “is empty”")
        return found
    if own == "phone":
        return (contacts.beginning if operator == "starts_with" else contacts.fragment)(value, context.region)
    found = text.clean(value)
    if of.type is FieldType.GPS:
        return re.sub(r"\s*,\s*", ",", found.strip())
    return re.sub(r"\s+", " ", found) if of.type in _LINES else found


def searched(search: str, region: str) -> list[str]:
    """The texts of which one must stand in what is known of a customer, for a search as people type it.

    A phone number is found however it is written, an email address with its domain in either form.
    """
    found = text.composed(" ".join(search.lower().split()))
    texts = [found] if found else []
    if "xn--" in found and "@" in found:
        texts.append(addresses.email(found))
    for read in (contacts.fragment, contacts.phone):
        with suppress(ValueError):
            texts += [digits] if len(digits := read(found, region)) >= _NUMBER else []
    return list(dict.fromkeys(texts))


def _whole(of: Field, own: str, value: str, context: Context) -> Any:
    if own == "phone":
        return contacts.phone(value, context.region)
    if own == "email":
        return contacts.email(value)
    if own == "customer_id":  # also those that are refused today: somebody may want to find them
        return " ".join(text.visible(value).split())
    if of.type is FieldType.MULTIPLE:
        return values.option(of, value, context)
    return values.normalise(of, value, context)
