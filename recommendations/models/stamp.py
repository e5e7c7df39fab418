from django.db import models
from django.db.models import Func, Subquery
from django.db.models.functions import Cast

from recommendations.models.quick_row import QuickRow


class CatalogueStamp(QuickRow):
    """A random number that the database writes when texts or annotations change (`recommendations/stamp_triggers.py`).

    It replaces the number before. There are several after changes at the same time, since no transaction sees, or waits
    for, those of the others. Their sum is the stamp of the catalogue: equal stamps mean equal texts.
    """

    number = models.BigIntegerField()

    def __str__(self):
        return str(self.number)


def read_stamp() -> int | None:
    """Return None while the triggers are not installed."""
    return _stamp().get()["stamp"]


def stamp_column() -> Subquery:
    """Return the stamp as a column of another query, so that both are of one moment."""
    return Subquery(_stamp())


def _stamp() -> models.QuerySet:
    total = Func("number", function="SUM")  # no aggregate, which would group
    return CatalogueStamp.objects.values(stamp=Cast(total, models.BigIntegerField()))
