"""Guessing what the columns of a file are, from their names and values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from ceap.connectors.contracts import Guess, Target
from ceap.connectors.layouts import Layout, mapped, reasons
from ceap.customers.contracts import Field, FieldType
from ceap.customers.queries import looks_like

SAMPLES = 5
LOOKS = {  # what values seem to be, in a sentence
    "boolean": "yes or no", "date": "dates", "datetime": "dates and times", "number": "numbers", "email": "emails",
    "phone": "phone numbers", "url": "web addresses", "gps": "points", "multiline": "text of several lines",
}  # fmt: skip
SURE = 1.01  # of a layout, above the surest of guesses; told as 1
# Names that people give to columns; the key's own name and label are known anyway.
NAMES: dict[Target, dict[str, str]] = {
    Target.CUSTOMERS: {
        "customer_id": "id customerid customer_no customer_number client_id member_id membership_number user_id uid "
        "crm_id contact_id account_id kundennummer",
        "first_name": "firstname given_name givenname forename vorname prenom nombre voornaam",
        "last_name": "lastname surname family_name familyname nachname nom_de_famille apellidos achternaam",
        "full_name": "name fullname customer_name client contact contact_name display_name",
        "phone": "phone_number phonenumber mobile mobile_number mobile_phone telephone tel cell cellphone msisdn "
        "whatsapp",
        "email": "e_mail mail email_address emailaddress email_id",
        "usernames": "username user_name login handle",
        "job_title": "job title position occupation role",
        "owner": "account_owner sales_rep agent",
        "sex": "gender",
        "date_of_birth": "dob birth_date birthdate birthday date_birth born",
        "street": "address street_address address_1 address1 address_line_1",
        "city": "town outlet_city",
        "province": "state region county",
        "postal_code": "zip zip_code postcode post_code zipcode",
        "country": "country_name country_code",
        "time_zone": "timezone tz",
        "language": "lang locale",
        "source": "lead_source channel acquisition_channel origin",
        "status": "state_of_customer customer_status",
        "marketing_opt_in": "opt_in optin consent marketing_consent newsletter subscribed accepts_marketing",
        "marketing_opt_in_at": "opt_in_at consent_at consent_date opt_in_date opt_in_time",
        "consent:email": "accepts_email_marketing email_marketing_consent email_opt_in email_consent email_subscribed",
        "consent:sms": "accepts_sms_marketing sms_marketing_consent sms_opt_in sms_consent sms_subscribed",
        "consent:whatsapp": "whatsapp_opt_in whatsapp_consent",
        "optout:email": "email_opt_out opted_out_of_email has_opted_out_of_email unsubscribed_from_all_email "
        "email_unsubscribed do_not_email",
        "optout:sms": "sms_opt_out opted_out_of_sms sms_unsubscribed",
        "member_created_at": "member_since joined joined_at registration_date signup_date",
        "current_tier": "tier loyalty_tier level",
        "balance_available": "balance points loyalty_points points_balance available_balance",
        "lifetime_earned": "lifetime_points total_points points_earned",
        "bsuid": "whatsapp_id",
    },
    Target.PURCHASES: {
        "customer": "customer_id customerid client_id member_id user_id customer_no email phone household "
        "household_id household_key",
        "order_id": "order invoice invoiceno invoice_no invoice_number invoice_id order_no order_number basket_id "
        "receipt_no receipt transaction_id",
        "at": "date time invoicedate invoice_date order_date ordered_at purchased_at transaction_date timestamp "
        "datetime transaction_timestamp created_at",
        "item": "stockcode stock_code sku product_id item_id article product_code item_key",
        "item_name": "description product product_name title name article_name",
        "category": "department product_category",
        "quantity": "qty units count pieces",
        "unit_price": "unitprice price price_each",
        "amount": "total total_price line_total sales_value revenue value sum",
        "currency": "currency_code",
        "outlet": "store store_id shop branch location",
        "key": "line_id row_id",
    },
    Target.EVENTS: {
        "customer": "customer_id customerid client_id member_id user_id email phone",
        "name": "event event_name action type event_type",
        "at": "date time timestamp occurred_at created_at datetime event_time",
        "item": "item_id product_id sku product",
        "amount": "value revenue price",
        "campaign": "campaign_id utm_campaign",
        "key": "event_id id uuid message_id",
    },
    Target.ITEMS: {
        "key": "id sku stockcode stock_code product_id item_id code",
        "name": "title description product product_name item_name",
        "category": "department type group product_category",
        "price": "unit_price unitprice list_price",
        "kind": "item_kind",
    },
    Target.RATES: {
        "day": "date from valid_from effective_date at time as_of",
        "currency": "currency_code code iso ccy base from_currency",
        "rate": "exchange_rate value price factor worth",
    },
}


def guess(target: Target, rows: pa.Table, of: Sequence[Field], layout: Layout | None = None) -> list[Guess]:
    """For each column which of the fields `of` it seems to be; none is guessed twice: the surer column gets it.

    What the layout says of a column stands; a column that it leaves out on purpose is not guessed.
    """
    fields = {f.key: f for f in of}
    laid, left = ({}, {}) if layout is None else (mapped(layout, rows.column_names), reasons(layout, rows.column_names))
    names = {plain(key): key for key in fields} | {plain(f.label): key for key, f in reversed(fields.items())}
    synonyms = {plain(word): key for key, words in NAMES[target].items() if key in fields for word in words.split()}
    found = []
    for column in rows.column_names:
        values = [v for v in rows[column].to_pylist() if v not in (None, "")]
        seen = looks_like(values)
        kind = seen if target is Target.CUSTOMERS or seen not in ("email", "phone") else "text"
        name = plain(column)
        if column in laid and laid[column] in fields:
            field, sure, why = laid[column], SURE, f"the columns of {layout.label}" if layout else ""
        elif column in left:
            field, sure, why = "", 0.0, left[column]
        elif name in names:
            field, sure, why = names[name], 1.0, "the name of the column"
        elif name in synonyms:
            field, sure, why = synonyms[name], 0.9, "the name of the column"
        elif kind in ("email", "phone") and kind in fields:
            field, sure, why = kind, 0.7, "the values"
        else:
            field, sure, why = "", 0.0, ""
        if field and sure < SURE and not _fits(fields[field].type, field, seen, values):
            sure, why = sure / 2, f"{why}; but the values look like {LOOKS.get(seen, seen)}"
        samples = [str(v)[:80] for v in dict.fromkeys(map(str, values))][:SAMPLES]
        found.append(Guess(column, samples, field, sure, why, seen if seen not in ("email", "phone") else "text"))
    return _once(found)


def plain(name: str) -> str:
    """A name without case, accents of style and separators: "Customer ID" = "customer_id" = "CustomerID"."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _fits(kind: FieldType, key: str, seen: str, values: Sequence[Any]) -> bool:
    if not values or kind in (FieldType.TEXT, FieldType.DROPDOWN, FieldType.MULTILINE):
        return key not in ("email", "phone") or seen in (key, "text", "number")
    if kind in (FieldType.DATE, FieldType.DATETIME):
        return seen in ("date", "datetime", "text")
    if kind is FieldType.NUMBER:
        return seen in ("number", "boolean")
    return True


def _once(found: list[Guess]) -> list[Guess]:
    best: dict[str, Guess] = {}
    for each in found:
        if each.field and (each.field not in best or best[each.field].confidence < each.confidence):
            best[each.field] = each
    none = {"field": "", "confidence": 0.0, "why": "another column becomes this field"}
    return [
        replace(each, confidence=min(each.confidence, 1.0)) if not each.field or best[each.field] is each
        else Guess(each.column, each.samples, type=each.type, **none)  # type: ignore[arg-type]
        for each in found
    ]  # fmt: skip
