"""Times have 24 hours, and the day comes before its time, as in the other languages."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y، H:i"
TIME_FORMAT = "H:i"
