"""What is wrong with a template, gathered so that all of it is said at once."""

from __future__ import annotations

from ceap.kit.problem import FieldError, Invalid


class Faults:
    """Faults by the field they are in. `where` reads like "Block 3 (Button)"."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, field: str, message: str, where: str = "") -> None:
        self.found.append(FieldError(field, f"{where}: {message}" if where else message))

    def check(self) -> None:
        """Raises:
        Invalid: there are faults.
        """
        if self.found:
            first, more = self.found[0].message, len(self.found) - 1
            raise Invalid(f"{first} ({more} more)" if more else first, errors=self.found)
