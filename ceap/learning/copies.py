"""Where the model keeps what customers could be known by."""

from __future__ import annotations

from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.redaction import blank_in_place, redact_file
from ceap.learning.queries.files import files
from ceap.learning.queries.versions import folder

listed(
    Table("learning_schedule", "every weekday day at deploy segments seed set_by set_at", "when the model is trained"),
    Table("learning_retraining", "due_at started_at", "when the model was trained", key="local_date"),
    Folder(
        "models/discover/files/*",
        "rewritten without the rows of the person, under a new checksum",
        excluded="Files that users brought in for the model; what it made of the customer is in the segments.",
    ),
    Folder(
        "models/*",
        "averages over many customers; the table of scored customers loses the person's row",
        excluded="Sums over customers, and numbers worked out from the activity.",
    ),
)


@copies.step("files of the model", order=20)
def _files(person: Person) -> None:
    kept = files()
    for id in kept.ids():
        about = kept.about(id)
        ids = [name for name, role in about.columns.items() if role == "id"]
        kind = about.match
        names = ids or ["CustomerID", "Customer ID", "customer_id", "Customer_ID", "id", "ID"]
        done = redact_file(kept.path(id), person, columns={kind: names}, drop=True)
        kept.erase(id, person.traces, len(done.rows))
        person.beat("files of the model")


@copies.step("scored customers", order=20)
def _scored(person: Person) -> None:
    """The row of the person in the table of scored customers, and what journals of the model say."""
    scored = folder() / "scored.parquet"
    keys = {"id": ("customer",), "customer_id": ("key",)}
    redact_file(scored, person, columns=keys, drop=True)
    for file in sorted(folder().glob("*.jsonl")):
        blank_in_place(file, person.traces)
