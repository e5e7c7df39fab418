"""What tells one state of the catalogue from every other."""

from django.db import models
from django.db.models import Q, Subquery


class CatalogueStamp(models.Model):
    """One row: a random value, which the database draws anew whenever a text, or what is said of one, changes
    (`recommendations/stamp.py`). Equal stamps mean equal texts.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    stamp = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_stamp")]

    def __str__(self):
        return self.stamp

    @classmethod
    def beside_each(cls) -> Subquery:
        """The stamp as a column of another query: both are then of one moment."""
        return Subquery(cls.objects.values("stamp")[:1])
