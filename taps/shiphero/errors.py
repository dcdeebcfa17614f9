"""Numbers that ShipHero's errors carry, as texts.

https://developer.shiphero.com/troubleshooting/error-glossary shows 5 and 7; 30 is what
integrations report. No page lists the others.
"""

from __future__ import annotations

NOT_FOUND = "5"
MISSING_SCOPE = "7"
NOT_ENOUGH_CREDITS = "30"
