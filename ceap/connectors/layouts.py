"""Exports that people have, known by the names of their columns; what each column of them becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ceap.connectors.contracts import Target

_TIME_ALONE = "when somebody signed up does not say whether it still holds"


@dataclass(frozen=True)
class Layout:
    """One kind of export.

    label: as a sentence says it ("a Shopify customer export"). marks: columns that tell it from others; all of them are
    there. fields: column → field. left: column → why it becomes nothing. match: by what customers are recognised.
    """

    key: str
    label: str
    target: Target
    marks: tuple[str, ...]
    fields: Mapping[str, str]
    match: str = "email"
    left: Mapping[str, str] = field(default_factory=dict)


# The names of columns are those of the products' own exports in English (2026).
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "shopify_customers", "a Shopify customer export", Target.CUSTOMERS,
        ("First Name", "Last Name", "Email", "Accepts Email Marketing"),
        {
            "Customer ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email",
            "Phone": "phone", "Default Address Address1": "street", "Default Address City": "city",
            "Default Address Province Code": "province", "Default Address Country Code": "country",
            "Default Address Zip": "postal_code", "Accepts Email Marketing": "consent:email",
            "Accepts SMS Marketing": "consent:sms",
        },
    ),
    Layout(
        "shopify_orders", "a Shopify order export", Target.PURCHASES,
        ("Name", "Email", "Financial Status", "Lineitem quantity", "Lineitem name", "Lineitem price"),
        {
            "Name": "order_id", "Email": "customer", "Created at": "at", "Currency": "currency",
            "Lineitem quantity": "quantity", "Lineitem name": "item_name", "Lineitem price": "unit_price",
            "Lineitem sku": "item", "Location": "outlet",
        },
    ),
    Layout(
        "woocommerce_customers", "a WooCommerce customer export", Target.CUSTOMERS,
        ("Name", "Username", "Last Active", "Email", "Orders", "Total Spend", "AOV"),
        {
            "Name": "full_name", "Username": "usernames", "Sign Up": "member_created_at",
            "Date registered": "member_created_at", "Email": "email", "Country / Region": "country", "City": "city",
            "Region": "province", "Postal Code": "postal_code", "Billing Phone": "phone",
        },
    ),
    Layout(
        "hubspot_contacts", "a HubSpot contact export", Target.CUSTOMERS,
        ("Record ID", "First Name", "Last Name", "Email"),
        {
            "First Name": "first_name", "Last Name": "last_name", "Email": "email", "Phone Number": "phone",
            "Mobile Phone Number": "phone", "Job Title": "job_title", "Street Address": "street", "City": "city",
            "State/Region": "province", "Postal Code": "postal_code", "Country/Region": "country",
            "Original Source": "source", "Lead Status": "status", "Preferred language": "language",
            "Unsubscribed from all email": "optout:email",
        },
    ),
    Layout(
        "salesforce_contacts", "a Salesforce contact report", Target.CUSTOMERS,
        ("First Name", "Last Name", "Email", "Mailing City"),
        {
            "Contact ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email",
            "Mobile": "phone", "Phone": "phone", "Title": "job_title", "Birthdate": "date_of_birth",
            "Mailing Street": "street", "Mailing City": "city", "Mailing State/Province": "province",
            "Mailing Zip/Postal Code": "postal_code", "Mailing Country": "country", "Lead Source": "source",
            "Email Opt Out": "optout:email",
        },
    ),
    Layout(
        "salesforce_data", "a Salesforce data export of contacts", Target.CUSTOMERS,
        ("Id", "LastName", "FirstName", "Email", "MailingCity"),
        {
            "Id": "customer_id", "FirstName": "first_name", "LastName": "last_name", "Email": "email",
            "MobilePhone": "phone", "Phone": "phone", "Title": "job_title", "Birthdate": "date_of_birth",
            "MailingStreet": "street", "MailingCity": "city", "MailingState": "province",
            "MailingPostalCode": "postal_code", "MailingCountry": "country", "LeadSource": "source",
            "HasOptedOutOfEmail": "optout:email",
        },
    ),
    Layout(
        "mailchimp_audience", "a Mailchimp audience export", Target.CUSTOMERS,
        ("Email Address", "MEMBER_RATING", "LEID", "EUID"),
        {
            "Email Address": "email", "First Name": "first_name", "Last Name": "last_name", "Phone Number": "phone",
            "TIMEZONE": "time_zone", "CC": "country", "REGION": "province",
        },
        left={"OPTIN_TIME": _TIME_ALONE, "CONFIRM_TIME": _TIME_ALONE, "Birthday": "a day without a year is no date"},
    ),
    Layout(
        "odoo_contacts", "an Odoo contact export", Target.CUSTOMERS,
        ("name", "is_company", "country_id", "state_id", "email"),
        {
            "name": "full_name", "email": "email", "mobile": "phone", "phone": "phone", "street": "street",
            "city": "city", "zip": "postal_code", "state_id": "province", "country_id": "country",
            "function": "job_title", "lang": "language", "tz": "time_zone", "is_blacklisted": "optout:email",
        },
    ),
    Layout(
        "google_contacts", "a Google Contacts export", Target.CUSTOMERS,
        ("First Name", "Last Name", "E-mail 1 - Value", "Labels"),
        {
            "First Name": "first_name", "Last Name": "last_name", "E-mail 1 - Value": "email",
            "Phone 1 - Value": "phone", "Organization Title": "job_title", "Birthday": "date_of_birth",
            "Address 1 - Street": "street", "Address 1 - City": "city", "Address 1 - Region": "province",
            "Address 1 - Postal Code": "postal_code", "Address 1 - Country": "country",
        },
    ),
    Layout(
        "google_contacts_old", "a Google Contacts export", Target.CUSTOMERS,
        ("Given Name", "Family Name", "Group Membership", "E-mail 1 - Value"),
        {
            "Name": "full_name", "Given Name": "first_name", "Family Name": "last_name", "E-mail 1 - Value": "email",
            "Phone 1 - Value": "phone", "Birthday": "date_of_birth", "Gender": "sex", "Occupation": "job_title",
            "Language": "language", "Address 1 - Street": "street", "Address 1 - City": "city",
            "Address 1 - Region": "province", "Address 1 - Postal Code": "postal_code",
            "Address 1 - Country": "country",
        },
    ),
)  # fmt: skip


def recognise(columns: Sequence[str]) -> Layout | None:
    """The layout whose marks are all among the columns: the one with most marks; case and outer blanks do not count."""
    given = {_plain(name) for name in columns}
    found = [one for one in LAYOUTS if {_plain(mark) for mark in one.marks} <= given]
    return max(found, key=lambda one: len(one.marks), default=None)


def mapped(layout: Layout, columns: Sequence[str]) -> dict[str, str]:
    """Column → field of those that the layout knows; of two for one field the one that it names first."""
    names = {_plain(name): name for name in reversed(columns)}
    taken: dict[str, str] = {}
    for header, key in layout.fields.items():
        if key and key not in taken and (column := names.get(_plain(header))):
            taken[key] = column
    return {column: key for key, column in taken.items()}


def reasons(layout: Layout, columns: Sequence[str]) -> dict[str, str]:
    """Column → why the layout takes nothing of it."""
    left = {_plain(header): why for header, why in layout.left.items()}
    return {name: left[_plain(name)] for name in columns if _plain(name) in left}


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
