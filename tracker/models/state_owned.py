"""Isolation that fails closed: what a State owns is read through `visible_to(user)` or not at all."""

from contextvars import ContextVar

from django.db import models

_validating = ContextVar("validating", default=False)


class NotYetVisible(RuntimeError):
    """State-owned rows were asked for before `visible_to(user)` said whose."""


class StateOwnedQuerySet(models.QuerySet):
    """Raises `NotYetVisible` when evaluated before `visible_to(user)`."""

    _opened = False

    def _clone(self):
        clone = super()._clone()
        clone._opened = self._opened
        return clone

    def __or__(self, other):
        return self._opened_with(super().__or__(other), other)

    def __xor__(self, other):
        return self._opened_with(super().__xor__(other), other)

    def _combinator_query(self, combinator, *others, **kwargs):
        return self._opened_with(super()._combinator_query(combinator, *others, **kwargs), *others)

    def _opened_with(self, combined, *others):
        """What adds rows of another query set is as open as the least open of them."""
        combined._opened = self._opened and all(other._opened for other in others)
        return combined

    def visible_to(self, user):
        """The rows of the respondents for whom this person has a membership today."""
        visible = self.filter(**{f"{self.model.respondent_path}__in": user.respondent_ids})  # type: ignore[attr-defined]
        visible._opened = True
        return visible

    def _refuse_unless_opened(self):
        if not (self._opened or _validating.get()):
            raise NotYetVisible(f"{self.model.__name__}: call visible_to(user) first")

    def _fetch_all(self):
        self._refuse_unless_opened()
        super()._fetch_all()

    def iterator(self, *args, **kwargs):
        self._refuse_unless_opened()
        return super().iterator(*args, **kwargs)

    def aiterator(self, *args, **kwargs):
        self._refuse_unless_opened()
        return super().aiterator(*args, **kwargs)

    def count(self):
        self._refuse_unless_opened()
        return super().count()

    def exists(self):
        self._refuse_unless_opened()
        return super().exists()

    def aggregate(self, *args, **kwargs):
        self._refuse_unless_opened()
        return super().aggregate(*args, **kwargs)

    def explain(self, *args, **kwargs):
        self._refuse_unless_opened()
        return super().explain(*args, **kwargs)

    def update(self, **kwargs):
        raise NotYetVisible(f"{self.model.__name__}: writing is for actions, through everyones")

    def delete(self):
        raise NotYetVisible(f"{self.model.__name__}: writing is for actions, through everyones")

    def create(self, **kwargs):
        raise NotYetVisible(f"{self.model.__name__}: writing is for actions, through everyones")

    def bulk_create(self, *args, **kwargs):
        raise NotYetVisible(f"{self.model.__name__}: writing is for actions, through everyones")


class StateOwned(models.Model):
    """Base of the models that belong to a respondent. `respondent_path` leads to it."""

    respondent_path = "respondent"

    objects = StateOwnedQuerySet.as_manager()
    everyones = models.Manager()

    class Meta:
        abstract = True
        base_manager_name = "everyones"
        default_manager_name = "objects"

    def validate_unique(self, exclude=None):
        """Ask everyone's rows: uniqueness is the table's and not the reader's."""
        token = _validating.set(True)
        try:
            super().validate_unique(exclude)
        finally:
            _validating.reset(token)

    def validate_constraints(self, exclude=None):
        """Ask everyone's rows, as `validate_unique` does."""
        token = _validating.set(True)
        try:
            super().validate_constraints(exclude)
        finally:
            _validating.reset(token)
