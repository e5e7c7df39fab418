"""What tells one state of the catalogue from every other."""

from django.db import models
from django.db.models import Func, Subquery
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _


class CatalogueStamp(models.Model):
    """A random number that the database draws when a text changes, or what is said of one (`recommendations/stamp.py`),
    in the place of those that were drawn before. There are several where several changed the catalogue at once: nobody
    sees, or waits for, another's. The sum is the stamp of the catalogue, and equal stamps mean equal texts.
    """

    number = models.BigIntegerField(_("number"))

    class Meta:
        verbose_name = _("stamp of the catalogue")
        verbose_name_plural = _("stamps of the catalogue")

    def __str__(self):
        return str(self.number)


def read_stamp() -> int | None:
    """None where there is none, since the triggers that draw it do not stand."""
    return _stamp().get()["stamp"]


def stamp_column() -> Subquery:
    """The stamp as a column of another query: both are then of one moment."""
    return Subquery(_stamp())


def _stamp() -> models.QuerySet:
    total = Func("number", function="SUM")  # no aggregate, which would group
    return CatalogueStamp.objects.values(stamp=Cast(total, models.BigIntegerField()))
