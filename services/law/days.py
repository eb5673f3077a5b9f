"""Legal days: a day of the calendar in London, whatever the clock says elsewhere. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_day(moment: datetime) -> date:
    """The day it is in London at a moment with its offset from UTC."""
    return moment.astimezone(LONDON).date()
