"""Where the customer record is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.redaction import redact_file
from ceap.core.retention import Order, kept
from ceap.customers.actions.export import folder

KEYS = {"id": ("Key",), "customer_id": ("Customer ID",)}  # columns of exports
AT_ONCE = "emptied when the customer is erased"
GONE = "deleted when the customer is erased"
FIELDS = (
    "customer_id full_name phone email usernames job_title sex date_of_birth street city province postal_code country "
    "time_zone language source status bsuid chatroom marketing_opt_in marketing_opt_in_business marketing_opt_in_at "
    "member_created_at reward_expired_at current_tier reward_name reward_status balance_available balance_pending "
    "lifetime_earned custom owner_id assignee_id"
)

listed(
    Table(
        "customers_customer",
        "last_activity_at created_at updated_at created_by_id updated_by_id merged_into_id erased_at version",
        "a number and moments: sums of the past still add up",
        scrubbed="added_by",  # the name of a file, in the rows of all whom it brought
        handled=dict.fromkeys(FIELDS.split(), AT_ONCE),
        export="fields",
    ),
    Table(
        "customers_identity",
        of="customer_id",
        handled=dict.fromkeys(("kind", "value", "primary", "created_at"), GONE),
        export="identities",
    ),
    Table("customers_searchtext", key="customer_id", handled={"text": GONE},
          excluded="The values of fields once more, in lower case."),
    Table(
        "customers_customerfile",
        of="customer_id",
        handled=dict.fromkeys(("field", "name", "content_type", "size", "sha256", "created_by", "created_at"), GONE),
        export="files",
        hidden="sha256 created_by",
    ),
    Table(
        "customers_savedview",
        "page shared created_by_id created_at",
        "whose view of which page it is",
        scrubbed="name",
        json="query",
        excluded="Filters that users keep; one may have searched for the customer.",
    ),
    Table("customers_customfield", "key label type options position retired_at created_at", "what fields there are"),
    Table("customers_fieldaccess", "roles", "which role sees a field", key="key"),
    Table(
        "customers_erasure",
        "customer customers requested_by requested_at due_at steps problem finished_at",
        "a number, and how far the erasure is",
        handled={"known": "sealed with the home's secret; deleted when the last copy is gone"},
        excluded="There is a row only once the customer is erased.",
    ),
    Table("customers_hold", "by at", "who must be kept, by whose word: nobody held is erased", key="customer_id",
          scrubbed="reason", excluded="What a court or an authority asks for, not the customer's data."),
    Table("customers_retentionrun", "local_date due_at created_at by removed done spared held problem finished_at",
          "how much went by age when"),
    Folder("media/customers/*", "deleted when the customer is erased, with the row of the file", export="files"),
    Folder(
        "media/exports/*",
        "rewritten without the rows of the person",
        excluded="The values of fields once more, in files that users made.",
    ),
    Folder("erasures.jsonl", "kept: numbers and moments only, so that a restored backup does not undo the erasure"),
)  # fmt: skip


@copies.step("exported files", order=20)
def _exports(person: Person) -> None:
    for file in sorted(folder().glob("*")):
        redact_file(file, person, columns=KEYS)
        person.beat("exported files")


def _old_exports(order: Order) -> list[Path]:
    old = (file for file in sorted(folder().glob("*")) if file.stat().st_mtime < order.before.timestamp())
    return [file for file in old if not order.spares(file, KEYS)]


@kept("export_days", "Exported files", count=lambda order: len(_old_exports(order)))
def _exports_by_age(order: Order) -> Iterator[int]:
    for file in _old_exports(order):
        file.unlink(missing_ok=True)
        yield 1
