"""What coming late does to marks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from matnn_lib.grading.sheet import Mark, Sheet, number


@dataclass(frozen=True)
class LatePolicy:
    """Points are multiplied by `factor` for up to `days` begun days after the deadline.

    After that they are lost; with ``days=0`` being late is noted and costs nothing. Without a
    deadline only what the learning platform itself calls late is late, by a day.
    """

    deadline: datetime | None = None
    days: int = 0
    factor: float = 1.0

    def days_late(self, sheet: Sheet) -> int:
        """Return how many days after the deadline, begun ones counted, a notebook came."""
        if not sheet.notebook:
            return 0
        if self.deadline is None or not sheet.time:
            return int(sheet.late)
        over = datetime.fromisoformat(sheet.time) - self.deadline
        return max(math.ceil(over / timedelta(days=1)), int(sheet.late))

    def applied(self, sheet: Sheet) -> Sheet:
        """Return the sheet with its days, and its points if there is something to take off."""
        days = self.days_late(sheet)
        sheet = replace(sheet, late_days=days)
        factor = self.factor if days <= self.days else 0.0
        if not days or not self.days or factor == 1:
            return sheet
        return replace(sheet, marks=tuple(_late(mark, days, factor) for mark in sheet.marks))


def _late(mark: Mark, days: int, factor: float) -> Mark:
    if not mark.points:
        return mark
    note = f"{days} day{'s' if days > 1 else ''} late: {number(mark.points)} × {factor:g} points"
    return replace(mark, points=round(mark.points * factor, 2), note=note)
