"""Isolate States and fail closed: rows are read through a licence, such as `visible_to(user)`, or not at all.

A licence is a method of a query set that keeps the rows which its name permits, and allows reading them.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from functools import wraps

from django.db import models
from django.db.models import Q

from recommendations.models.quick_row import QuickRow
from tracker.models.respondent import Respondent

_validating = ContextVar("validating", default=False)


class NotVisible(RuntimeError):
    """State-owned rows were read without a licence."""


def keys_of(rows: Iterable[models.Model], model: type[models.Model]) -> list[int]:
    """Return the keys of rows of a model; raise TypeError for anything else, since a bare key proves no right."""
    rows = list(rows)
    if strangers := {type(row).__name__ for row in rows if not isinstance(row, model)}:
        raise TypeError(f"rows of {model.__name__} are a licence, and not {', '.join(sorted(strangers))}")
    return [row.pk for row in rows]


def _where_open(method):
    """Return a method of query sets that needs a licence."""

    @wraps(method)
    def checked(self, *args, **kwargs):
        self._check_is_open()
        return method(self, *args, **kwargs)

    return checked


def _open_with_others(combine):
    """Return a combination of query sets that is open only where all of them are open."""

    @wraps(combine)
    def checked(self, *args, **kwargs):
        found = combine(self, *args, **kwargs)
        others: list = [other for other in args if isinstance(other, models.QuerySet)]
        found._opened = self._opened and all(other._opened for other in others)
        return found

    return checked


def _with_all_rows(validate):
    """Return a check against the rows of all respondents: uniqueness belongs to the table, not to the reader."""

    @wraps(validate)
    def checked(self, *args, **kwargs):
        token = _validating.set(True)
        try:
            validate(self, *args, **kwargs)
        finally:
            _validating.reset(token)

    return checked


class StateOwnedQuerySet(models.QuerySet):
    _opened = False

    def _clone(self):
        clone = super()._clone()
        clone._opened = self._opened
        return clone

    __or__ = _open_with_others(models.QuerySet.__or__)
    __xor__ = _open_with_others(models.QuerySet.__xor__)
    _combinator_query = _open_with_others(models.QuerySet._combinator_query)  # type: ignore[attr-defined]

    def visible_to(self, user):
        """Keep the rows of the user's whole desks and, on desks open in part, those of the assigned units."""
        return self.filter(self._own(user))._open()

    def same_as(self, rows: Iterable[models.Model]):
        """Return rows that the caller has already, to read more of them."""
        return self.filter(pk__in=keys_of(rows, self.model))._open()

    def none(self):
        return super().none()._open()

    def _open(self):
        rows = self.all()
        rows._opened = True
        return rows

    def _open_only(self, *names: str):
        """Open these fields alone: reading any other field raises FieldFetchBlocked."""
        return self.only(*names).fetch_mode(models.FETCH_RAISE)._open()

    def _own(self, user) -> Q:
        path: str = self.model.respondent_path  # type: ignore[attr-defined]
        if not self.model.is_of_whole_desk:  # type: ignore[attr-defined]
            return Q(**{f"{path}__in": user.respondent_ids})
        own = Q(**{f"{path}__in": user.whole_desks})
        for respondent_id in user.desks_in_part:
            own |= Q(**{path: respondent_id}) & self._of_units(user.units_assigned(respondent_id), user)
        return own

    def _of_units(self, units: models.QuerySet, user) -> Q:
        """Match nothing where a model does not say how."""
        unit_path = self.model.unit_path  # type: ignore[attr-defined]
        return Q(**{f"{unit_path}__in": units}) if unit_path else Q(pk__in=[])

    def _check_is_open(self):
        if not (self._opened or _validating.get()):
            raise NotVisible(f"{self.model.__name__}: call visible_to(user) or another licence first")

    def _refuse_write(self, *args, **kwargs):
        raise NotVisible(f"{self.model.__name__}: writing is for actions, through everyones")

    _fetch_all = _where_open(models.QuerySet._fetch_all)
    iterator = _where_open(models.QuerySet.iterator)
    aiterator = _where_open(models.QuerySet.aiterator)
    count = _where_open(models.QuerySet.count)
    exists = _where_open(models.QuerySet.exists)
    aggregate = _where_open(models.QuerySet.aggregate)
    explain = _where_open(models.QuerySet.explain)
    update = delete = create = bulk_create = _refuse_write


class DeskQuerySet(StateOwnedQuerySet):
    """Rows for readers of the whole desk of their respondent."""

    def for_whole_desk(self, respondent: Respondent):
        """Return the rows of one respondent, for readers of its whole desk and for what the site does in its name.

        The caller has checked the permission: to submit, to manage assignments, or a reminder to the respondent.
        """
        path = self.model.respondent_path  # type: ignore[attr-defined]
        return self.filter(**{f"{path}__in": keys_of([respondent], Respondent)})._open()


class StateOwned(QuickRow):
    """Base of the models that belong to a respondent, to which `respondent_path` leads; `unit_path` leads to a row's
    unit.

    Without a `unit_path` a desk that is open in part shows no row. With `is_of_whole_desk` false every desk shows
    all.
    """

    respondent_path = "respondent"
    unit_path: str | None = None
    is_of_whole_desk = True

    objects = StateOwnedQuerySet.as_manager()
    everyones = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everyones"
        default_manager_name = "objects"

    validate_unique = _with_all_rows(models.Model.validate_unique)
    validate_constraints = _with_all_rows(models.Model.validate_constraints)
