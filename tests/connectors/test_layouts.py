"""Exports that people have are known by their columns; first and last name become the name, and stay apart."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ceap.accounts.contracts import SYSTEM
from ceap.connectors import actions, queries
from ceap.connectors.contracts import Target
from ceap.connectors.guessing import guess
from ceap.connectors.layouts import LAYOUTS, Layout, mapped, reasons, recognise
from ceap.connectors.targets.names import full_name
from ceap.consent.models import ConsentRecord
from ceap.content.queries import known_paths
from ceap.customers.actions import add_field
from ceap.customers.contracts import Field, FieldType
from ceap.customers.models import Customer, CustomField
from ceap.customers.queries import contexts
from tests.connectors.bringing import bring, receipt

EMAIL = Field("email", "Email", FieldType.TEXT, "Contact")
NAMES = {"first_name": "First Name", "last_name": "Last Name"}
# The first line of real exports.
HEADERS = {
    "shopify_customers": (
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
        "Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,"
        "Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,"
        "Total Spent,Total Orders,Note,Tax Exempt,Tags"
    ),
    "shopify_orders": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,"
        "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,"
        "Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,"
        "Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Notes,Cancelled at,"
        "Payment Method,Refunded Amount,Vendor,Id,Tags"
    ),
    "woocommerce_customers": (
        "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code,"
        "Billing Phone,Shipping Phone,Role"
    ),
    "hubspot_contacts": (
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Create Date,City,"
        "State/Region,Postal Code,Country/Region,Job Title,Associated Company"
    ),
    "salesforce_contacts": (
        "Salutation,First Name,Last Name,Title,Mailing Street,Mailing City,Mailing State/Province,"
        "Mailing Zip/Postal Code,Mailing Country,Phone,Mobile,Fax,Email,Account Owner,Account Name,Lead Source"
    ),
    "salesforce_data": (
        "Id,IsDeleted,MasterRecordId,AccountId,LastName,FirstName,Salutation,Name,OtherStreet,MailingStreet,"
        "MailingCity,MailingState,MailingPostalCode,MailingCountry,Phone,MobilePhone,Email,Title,LeadSource,"
        "Birthdate"
    ),
    "mailchimp_audience": (
        "Email Address,First Name,Last Name,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,"
        "CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
    ),
    "odoo_contacts": (
        "id,name,is_company,company_name,country_id,state_id,zip,city,street,street2,phone,mobile,email,vat"
    ),
    "google_contacts": (
        "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,"
        "Organization Title,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,"
        "Phone 1 - Value,Address 1 - Label,Address 1 - Street,Address 1 - City,Address 1 - Region,"
        "Address 1 - Postal Code,Address 1 - Country"
    ),
    "google_contacts_old": (
        "Name,Given Name,Additional Name,Family Name,Yomi Name,Birthday,Gender,Occupation,Notes,Language,"
        "Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Street"
    ),
}  # fmt: skip
SHOPIFY = (
    HEADERS["shopify_customers"] + "\n"
    "'7210448301122,Teodoro,Villaseñor,teo@example.test,no,Ranch,HC 31,,Elko,NV,US,'89801,,+12025550154,no,7790.44,"
    "6,,yes,\n"
    ",,,,yes,,,,,,,,,,no,0.00,0,,no,\n"
)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: one.key)
def test_every_layout_is_known_by_the_columns_of_its_export(layout: Layout) -> None:
    columns = HEADERS[layout.key].split(",")
    found = recognise([name.upper() for name in columns])
    assert found is not None
    assert found is layout
    taken = mapped(found, columns)
    assert len(set(taken.values())) == len(taken) >= 6
    assert {"customer" if found.target == "purchases" else found.match} <= set(taken.values())


def test_what_the_columns_of_the_exports_become() -> None:
    shopify = mapped(
        recognise(HEADERS["shopify_customers"].split(",")) or LAYOUTS[0], HEADERS["shopify_customers"].split(",")
    )
    assert shopify == {
        "Customer ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email",
        "Phone": "phone", "Default Address Address1": "street", "Default Address City": "city",
        "Default Address Province Code": "province", "Default Address Country Code": "country",
        "Default Address Zip": "postal_code", "Accepts Email Marketing": "consent:email",
        "Accepts SMS Marketing": "consent:sms",
    }  # fmt: skip
    columns = HEADERS["salesforce_contacts"].split(",")
    salesforce = recognise(columns)
    assert salesforce
    assert mapped(salesforce, columns)["Mobile"] == "phone"
    assert "Phone" not in mapped(salesforce, columns)
    columns = HEADERS["mailchimp_audience"].split(",")
    mailchimp = recognise(columns)
    assert mailchimp
    assert list(reasons(mailchimp, columns)) == ["OPTIN_TIME", "CONFIRM_TIME"]


@pytest.mark.parametrize(
    "header", ["email,full_name", "id,name,mail", "First Name,Last Name,Email", "Name,Email,Phone"]
)
def test_a_table_of_anybody_is_no_layout(header: str) -> None:
    assert recognise(header.split(",")) is None


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("Sari", "Dewi", "Sari Dewi"), ("Sari", "", "Sari"), ("", "Dewi", "Dewi"), ("", "", ""), ("伟", "王", "王伟"),
        ("민수", "김", "김민수"), ("花子", "山田", "山田花子"), ("Wei", "王", "Wei 王"),
    ],
)  # fmt: skip
def test_names_are_composed(first: str, last: str, whole: str) -> None:
    assert full_name(first, last) == whole


@pytest.mark.django_db(transaction=True)
def test_first_and_last_name_become_the_name_and_are_kept_for_templates() -> None:
    row = actions.upload(
        SYSTEM, "customers", "people.csv", [b"Email,First Name,Last Name\nsari@example.net,Mary Ann,Dewi\n"]
    )
    guessed = {one.column: one.field for one in queries.preview(SYSTEM, row.pk).columns}
    assert guessed == {"Email": "email", "First Name": "first_name", "Last Name": "last_name"}
    content = "Email,First Name,Last Name\nsari@example.net,Mary Ann,Dewi\n"
    assert receipt(bring(content, guessed, match=["email"])) == ("done", 1, 0, 0, 0)
    customer = Customer.objects.get()
    assert (customer.full_name, customer.custom) == ("Mary Ann Dewi", {"first_name": "Mary Ann", "last_name": "Dewi"})
    said = contexts([customer.pk], ["customer.first_name", "customer.last_name", "customer.full_name"])
    assert said[customer.pk]["customer"] == {
        "first_name": "Mary Ann", "last_name": "Dewi", "full_name": "Mary Ann Dewi",
    }  # fmt: skip
    assert known_paths().count("customer.first_name") == 1
    assert "customer.last_name" in known_paths()
    assert receipt(bring(content, guessed, match=["email"])) == ("done", 0, 0, 1, 0)
    assert CustomField.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_name_that_the_file_says_itself_stands() -> None:
    mapping = {"e": "email", "n": "full_name", "f": "first_name"}
    bring("e,n,f\na@example.test,Dr Ann Lee,Ann\nb@example.test,,Bo\n", mapping, match=["email"])
    assert list(Customer.objects.order_by("email").values_list("full_name", flat=True)) == ["Dr Ann Lee", "Bo"]


@pytest.mark.django_db(transaction=True)
def test_a_field_that_is_called_first_name_already_does_not_stand_in_the_way() -> None:
    add_field(SYSTEM, "First name", "text")
    bring("e,f\na@example.test,Ann\n", {"e": "email", "f": "first_name"}, match=["email"])
    assert sorted(CustomField.objects.values_list("key", "label")) == [
        ("first_name", "First name (of the name)"), ("first_name_2", "First name"),
    ]  # fmt: skip
    assert Customer.objects.get().custom == {"first_name": "Ann"}


@pytest.mark.django_db(transaction=True)
def test_a_shopify_export_comes_in_as_it_is() -> None:
    row = actions.upload(SYSTEM, "customers", "customers_export.csv", [SHOPIFY.encode()])
    preview = queries.preview(SYSTEM, row.pk)
    assert preview.layout
    assert (preview.layout.label, preview.layout.match) == ("a Shopify customer export", "email")
    mapping = {one.column: one.field for one in preview.columns if one.confidence >= 0.5}
    assert receipt(bring(SHOPIFY, mapping, match=["email"])) == ("done", 1, 0, 0, 1)
    customer = Customer.objects.get()
    assert (customer.customer_id, customer.full_name, customer.phone, customer.postal_code) == (
        "7210448301122", "Teodoro Villaseñor", "+12025550154", "89801",
    )  # fmt: skip
    assert customer.marketing_opt_in is None
    said = ConsentRecord.objects.order_by("channel").values_list("channel", "purpose", "granted", "evidence__word")
    assert list(said) == [("email", "marketing", False, "no"), ("sms", "marketing", False, "no")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("hubspot_contacts", "Unsubscribed from all email"), ("salesforce_contacts", "Email Opt Out"),
        ("salesforce_data", "HasOptedOutOfEmail"), ("odoo_contacts", "is_blacklisted"),
    ],
)  # fmt: skip
def test_who_opted_out_elsewhere_is_out_here_and_who_did_not_gave_no_consent_by_that(key: str, column: str) -> None:
    columns = [*HEADERS[key].split(","), column]
    layout = next(one for one in LAYOUTS if one.key == key)
    mapping = mapped(layout, columns)
    assert mapping[column] == "optout:email"
    email = next(name for name, to in mapping.items() if to == "email")
    cells = [{email: "out@example.net", column: "true"}, {email: "in@example.net", column: "false"}]
    lines = [",".join(one.get(name, "") for name in columns) for one in cells]
    assert receipt(bring("\n".join([",".join(columns), *lines]) + "\n", mapping, match=["email"])) == (
        "done",
        2,
        0,
        0,
        0,
    )
    said = ConsentRecord.objects.values_list("customer__email", "channel", "granted")
    assert list(said) == [("out@example.net", "email", False)]


@pytest.mark.django_db(transaction=True)
def test_an_export_of_something_else_says_so_and_is_not_mapped_by_its_layout() -> None:
    content = (
        HEADERS["shopify_orders"] + "\n#1,a@example.test" + "," * (HEADERS["shopify_orders"].count(",") - 1) + "\n"
    )
    row = actions.upload(SYSTEM, "customers", "orders_export.csv", [content.encode()])
    preview = queries.preview(SYSTEM, row.pk)
    assert preview.layout
    assert preview.layout.target == "purchases"
    assert {one.field for one in preview.columns if one.column == "Lineitem name"} == {""}


@pytest.mark.parametrize(
    ("value", "words"),
    [("yes", "yes or no"), ("2026-11-20 10:00", "dates and times"), ("https://a.test/x", "web addresses")],
)
def test_what_values_look_like_is_said_in_words(value: str, words: str) -> None:
    table = pa.table({"e_mail": [value] * 3})
    [guessed] = guess(Target.CUSTOMERS, table, [EMAIL])
    assert (guessed.field, guessed.why) == ("email", f"the name of the column; but the values look like {words}")
