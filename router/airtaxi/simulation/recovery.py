"""How operations react when a day turns out otherwise: the recovery rules as numbers.

The rules themselves are listed in ``docs/what_if.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from router.errors import Violations


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """For how long operations wait for what.

    Raises
    ------
    InvalidInput
        If any is not 0 to 86,400 seconds.
    """

    hold_for_party_s: int = 120
    """Longest time after the planned off-block that a flight waits for parties."""
    cancel_after_s: int = 3600
    """A flight that has not left so long after its time is cancelled."""
    rebook_within_s: int = 5400
    """So long a party whose flight left or was cancelled waits for another."""
    taxi_wait_s: int = 1800
    """Longest wait for a stand after landing; then the aircraft is parked off the stands."""
    on_time_s: int = 300
    """Largest delay that counts as on time."""

    def __post_init__(self) -> None:
        found = Violations("recovery")
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 86_400:
                found.add("RECOVERY", field.name, f"is {value}; give 0 to 86400 seconds.")
        found.raise_if_any()
