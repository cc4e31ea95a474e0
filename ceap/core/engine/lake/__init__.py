"""Tables as Parquet files in a folder that one process writes and many machines may read."""

from ceap.core.engine.lake.folder import Lake
from ceap.core.engine.lake.tables import Table

__all__ = ["Lake", "Table"]
