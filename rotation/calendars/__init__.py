"""RFC 5545 mechanics: time zones, identifiers, addresses and the safe reading of calendars."""
