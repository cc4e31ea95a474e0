"""The versions of the model of this installation, the data they learn from, and what was scored."""

from ceap.learning.queries.files import file, file_list, files, limit, used_by
from ceap.learning.queries.one import one, one_of_values
from ceap.learning.queries.people import matched
from ceap.learning.queries.schedule import plan, schedule_of
from ceap.learning.queries.sources import Source, of_file, of_purchases
from ceap.learning.queries.state import comparison, recommendations, scorings, state
from ceap.learning.queries.versions import deployments, folder, listed, scored, scored_file, version, versions

__all__ = [
    "Source", "comparison", "deployments", "file", "file_list", "files", "folder", "limit", "listed", "matched",
    "of_file", "of_purchases", "one", "one_of_values", "plan", "recommendations", "schedule_of", "scored",
    "scored_file", "scorings", "state", "used_by", "version", "versions",
]  # fmt: skip
