"""Files of rows (CSV and other text, XLSX, Parquet): what they are, and their rows as one flat table.

Reading happens once, in a child process with limits (small texts excepted), into an Arrow file beside the upload;
whoever wants rows takes them from there.
"""

from ceap.core.sheets.contracts import LIMITS, BadFile, Choice, Form, Limits

__all__ = ["LIMITS", "BadFile", "Choice", "Form", "Limits"]
