"""Where segments keep what customers could be known by."""

from __future__ import annotations

from ceap.core import copies
from ceap.core.copies import Folder, Person, Table, listed
from ceap.core.redaction import redact_file
from ceap.segments.models import IdList
from ceap.segments.queries.lists import list_file, missing_file

RULES = "Rules that users write; a value in one may have named the customer."
NUMBERS = "numbers of customers, as bitmaps, and sums: history still adds up"

listed(
    Table(
        "segments_segment",
        "kind model_key rule_version archived_at current_id created_by_id created_at updated_by_id updated_at",
        "what the segment is",
        scrubbed="name description",
        json="rule",
        excluded=RULES,
    ),
    Table(
        "segments_membershipversion",
        "segment_id number rule_version cause state run_id bitmap size total email whatsapp entered left came went "
        "children data_as_of attempts lease_token lease_until created_at started_at ready_at",
        NUMBERS,
        json="rule",
        scrubbed="error",
        excluded=RULES,
    ),
    Table(
        "segments_rulechange",
        "segment_id rule_version changed_by_id changed_at",
        "who changed which segment when",
        scrubbed="name description",
        json="rule upload",
        excluded=RULES,
    ),
    Table(
        "segments_idlist",
        "by expected job_id matched_at rows found duplicates missing bitmap created_by_id created_at",
        NUMBERS,
        scrubbed="file_name column",
        json="form columns",
        excluded="A list that a user sent, kept for a week.",
    ),
    Table("segments_segmentday", "segment_id day version_id size total entered left", NUMBERS),
    Table("segments_lease", "token owner until", "who works now", key="name"),
    Table("segments_following", "everyone email whatsapp hours_at", NUMBERS),
    Table("segments_dailyrun", "run_id due_at started_at segments", "when segments were worked out", key="local_date"),
    Folder(
        "media/lists/*",
        "rewritten without the rows of the person; deleted after a week",
        excluded="A list that a user sent, kept for a week.",
    ),
)


@copies.step("uploaded lists", order=20)
def _lists(person: Person) -> None:
    for row in IdList.objects.all():
        columns = {row.by: (row.column,)}
        redact_file(list_file(row.pk), person, columns=columns, form=row.form)
        redact_file(missing_file(row.pk), person)
        person.beat("uploaded lists")
