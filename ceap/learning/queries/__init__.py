"""The versions of the model of this installation, the data they learn from, and what was scored."""

from ceap.learning.queries.sources import of_purchases
from ceap.learning.queries.versions import deployments, folder, listed, scored, versions

__all__ = ["deployments", "folder", "listed", "of_purchases", "scored", "versions"]
