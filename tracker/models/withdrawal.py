"""Remove what identifies a victim: the one exception to "nothing saved is lost", which takes two people.

A request hides the words at once: their fields are emptied, and `HiddenText` has what was in them until it is decided.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.append_only import is_same
from tracker.models.digest import FORM, digest_parts, digest_value, has_same_fields, salt_fields
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.user import Role


class WithdrawalQuerySet(StateOwnedQuerySet):
    def headers_for(self, user):
        """Return what an administrator may know of any State's requests; reading any other field raises
        FieldFetchBlocked.
        """
        rows = self if user.has_role(Role.ADMINISTRATOR) else self.none()
        return rows.select_related("respondent", "requested_by")._open_only(
            "respondent__code",
            "respondent__name",
            "requested_by__name",
            "requested_by__email",
            "requested_at",
            "reason",
            "state",
            "decided_at",
            "undestroyed",
        )

    def waiting(self):
        return self.filter(Q(state=WithdrawalStage.REQUESTED) | ~Q(undestroyed=[]))


class WithdrawalStage(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("removal", "Requested")
    CONFIRMED = "confirmed", pgettext_lazy("removal", "Confirmed")
    REFUSED = "refused", pgettext_lazy("removal", "Declined")


class WithdrawalReason(models.TextChoices):
    NAME = "name", _("Names a victim")
    IDENTIFIABLE = "identifiable", _("Could identify a victim")
    IMAGE = "image", _("Shows a victim")
    COURT_ORDER = "court_order", _("Ordered by an authority")


class Withdrawal(StateOwned):
    """A request to destroy words, or files, that identify a victim. The words are deleted once it is decided.

    `places` are what was destroyed: [digest of the row, emptied field] pairs; for a file its SHA-256, and "file".
    `undestroyed` are the names in storage of removed files whose bytes are still to be deleted.
    """

    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="withdrawals")
    words = models.CharField(max_length=300, blank=True)
    files: Any = models.ManyToManyField(  # the type of a manager by name is not known
        "EvidenceFile", related_name="+", blank=True, verbose_name=_("Files to destroy")
    )
    reason = models.CharField(max_length=20, choices=WithdrawalReason)
    state = models.CharField(max_length=20, choices=WithdrawalStage, default=WithdrawalStage.REQUESTED, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    places = models.JSONField(default=list, editable=False)
    undestroyed = models.JSONField(default=list, editable=False)

    objects: ClassVar = WithdrawalQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["confirmed", "refused"], decided_by__isnull=False, decided_at__isnull=False, words=""),
                name="decided_withdrawal_forgets",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed", decided_by=F("requested_by")), name="withdrawal_takes_two"
            ),
        ]

    def __str__(self):
        return f"{self.respondent_id}/{self.pk}"

    def make_digest(self) -> str:
        return digest_value(
            {
                "form": FORM,
                **digest_parts(self, "respondent.code reason state requested_by_id requested_at"),
                **digest_parts(self, "decided_by_id decided_at places"),
                "files": sorted(self.files(manager="everyones").values_list("pk", flat=True)),
            }
        )


class HiddenTextQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        """Return nothing: what is hidden is shown to nobody."""
        return self.none()


class HiddenText(StateOwned):
    """What a field had before a pending request hid it. Declining the request puts the `value` back.

    `table`, `row` and `name` are the place. `digest` is that of the row, for a file its SHA-256, else empty. `salt` is
    the random value of the field, `previous` the withdrawal that the row named before. For a draft `value` is JSON.
    """

    respondent_path = "withdrawal__respondent"

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="hidden_texts")
    table = models.CharField(max_length=40)
    row = models.PositiveBigIntegerField()
    name = models.CharField(max_length=40)
    value = models.TextField()
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    previous = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True)

    objects = HiddenTextQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        indexes = [models.Index(fields=["table", "row"], name="hidden_text_of_row")]

    def __str__(self):
        return f"{self.table} {self.row}: {self.name}"


class Withdrawable(StateOwned):
    """An append-only row in which a withdrawal, the last is `withdrawal`, may empty the `withdrawable` fields."""

    append_only = True
    withdrawable: tuple[str, ...] = ()

    withdrawal = models.ForeignKey(Withdrawal, models.PROTECT, related_name="+", null=True, blank=True, editable=False)

    class Meta(StateOwned.Meta):
        abstract = True

    @property
    def withdrawal_note(self) -> str:
        if self.withdrawal is None:
            return ""
        if self.withdrawal.decided_at is None:
            return gettext("Hidden: a request to remove identifying information is pending.")
        day = formats.date_format(self.withdrawal.decided_at, "DATE_FORMAT")
        # Translators: Shown in place of text that was removed. date: date.
        return gettext("Removed on %(date)s because it identified a victim.") % {"date": day}

    @classmethod
    def changeable_fields(cls) -> tuple[str, ...]:
        salted = ("salts",) if any(field.name == "salts" for field in cls._meta.concrete_fields) else ()
        return (*cls.withdrawable, "withdrawal", *salted)

    @classmethod
    def allowed_update(cls, vendor: str) -> str:
        """Return SQL, over OLD and NEW, of the two kinds of UPDATE that the database accepts: hiding and putting back.

        Either names a withdrawal of the same respondent. Hiding names a pending one, empties at least one of the fields
        in `withdrawable`, whose values are in `HiddenText`, takes the random values of just these fields out of
        `salts`, and leaves everything else as it is. Putting back is the reverse, and may name no withdrawal.
        """
        respondent = _respondent_key(cls)
        pending = f"\"state\" = '{WithdrawalStage.REQUESTED}'"
        hides = f"{_has_withdrawal_of(respondent, pending)} AND {cls._moves_text('OLD', 'NEW', vendor)}"
        named = f'(NEW."withdrawal_id" IS NULL OR {_has_withdrawal_of(respondent)})'
        return f"(({hides}) OR ({named} AND {cls._moves_text('NEW', 'OLD', vendor)}))"

    @classmethod
    def _moves_text(cls, full: str, empty: str, vendor: str) -> str:
        """Return SQL: the rows `full` and `empty` differ only in fields that are hidden in one of them."""
        columns = {field.name: str(field.column) for field in cls._meta.concrete_fields}
        salts = {name: _salt_of(name, full, vendor) if "salts" in columns else "''" for name in cls.withdrawable}
        moved = {
            name: _is_hidden(cls._meta.db_table, name, full, empty, columns[name], salts[name])
            for name in cls.withdrawable
        }
        free = cls.changeable_fields()
        return " AND ".join(
            [
                f"({' OR '.join(moved.values())})",
                *(f"({is_same(columns[name], vendor)} OR {is_moved})" for name, is_moved in moved.items()),
                *(is_same(column, vendor) for name, column in columns.items() if name not in free),
                *([_is_same_salt(moved, full, empty, vendor)] if "salts" in free else []),
            ]
        )


def base_of(version: object, withdrawal: int | None) -> str:
    """Name what a form is filled from. Each change and each removal changes it, so that no old page restores words."""
    return f"{version}.{withdrawal or 0}"


class Digested(Withdrawable):
    """A row whose digest covers the digests of its fields, so that it verifies without what was removed.

    `sealed` are the paths of what the digest covers beside the fields (`digest_parts`); `decision` is the field that it
    leaves out, since a decision on the row adds it.
    """

    digested: tuple[str, ...] = ()
    sealed = ""
    decision = ""

    salts = models.JSONField(default=dict, editable=False)
    field_digests = models.JSONField(default=dict, editable=False)
    # Translators: Label: the cryptographic digest (SHA-256) of a submission.
    digest = models.CharField(_("Digest"), max_length=64, editable=False)
    canonical_form = models.PositiveSmallIntegerField(default=FORM, editable=False)

    class Meta(Withdrawable.Meta):
        abstract = True

    def digested_fields(self) -> dict:
        return {name: getattr(self, name) for name in self.digested}

    def has_same_fields(self) -> bool:
        return has_same_fields(self.digested_fields(), self.salts, self.field_digests)

    @property
    def digest_base(self) -> dict:
        """Return what the digest covers beside the fields."""
        return {"form": self.canonical_form, **digest_parts(self, self.sealed)}

    def make_digest(self) -> str:
        fields = {name: digest for name, digest in self.field_digests.items() if name != self.decision}
        return digest_value({**self.digest_base, "fields": fields})

    def set_digest(self) -> None:
        """Digest the fields with new random values. Saves nothing."""
        self.salts, self.field_digests = salt_fields(self.digested_fields())
        self.digest = self.make_digest()

    def holds(self) -> bool:
        """Return whether the row is what was saved, except for removed fields."""
        return self.has_same_fields() and self.make_digest() == self.digest

    def is_withdrawn(self, name: str) -> bool:
        return self.withdrawal_id is not None and name in self.field_digests and name not in self.salts

    def shown_value(self, name: str) -> str:
        return self.withdrawal_note if self.is_withdrawn(name) else getattr(self, name)


def _is_hidden(table: str, name: str, full: str, empty: str, column: str, salt: str) -> str:
    """Return SQL: the column is empty in one of the rows, and `HiddenText` has what it is in the other."""
    hidden = (
        f'SELECT 1 FROM "{HiddenText._meta.db_table}" WHERE "table" = \'{table}\' AND "row" = NEW."id" '  # noqa: S608
        f'AND "name" = \'{name}\' AND "value" = {full}."{column}" AND "salt" = {salt}'
    )
    return f"({empty}.\"{column}\" = '' AND {full}.\"{column}\" <> '' AND EXISTS ({hidden}))"


def _salt_of(name: str, row: str, vendor: str) -> str:
    return f"json_extract({row}.\"salts\", '$.{name}')" if vendor == "sqlite" else f"{row}.\"salts\" ->> '{name}'"


def _is_same_salt(moved: dict[str, str], full: str, empty: str, vendor: str) -> str:
    """Return SQL: the random values of both rows are the same, but for those of the hidden fields."""
    if vendor == "sqlite":
        paths = [f"CASE WHEN {is_moved} THEN '$.{name}' ELSE '$.none' END" for name, is_moved in moved.items()]
        return f'json({empty}."salts") = json_remove({full}."salts", {", ".join(paths)})'
    keys = [f"CASE WHEN {is_moved} THEN '{name}' END" for name, is_moved in moved.items()]
    return f'{empty}."salts" = {full}."salts" - ARRAY[{", ".join(keys)}]'


def _respondent_key(model: type[Withdrawable]) -> str:
    """Return SQL of the key of the respondent that owns the new row."""
    first, *others = model.respondent_path.split("__")
    field: Any = model._meta.get_field(first)
    sql = f'NEW."{field.column}"'
    for name in others:
        table = field.related_model._meta.db_table
        field = field.related_model._meta.get_field(name)
        sql = f'(SELECT "{field.column}" FROM "{table}" WHERE "id" = {sql})'  # noqa: S608 - names of our own
    return sql


def _has_withdrawal_of(respondent: str, condition: str = "1 = 1") -> str:
    return (
        f'EXISTS (SELECT 1 FROM "{Withdrawal._meta.db_table}" WHERE "id" = NEW."withdrawal_id" '  # noqa: S608
        f'AND {condition} AND "respondent_id" = {respondent})'
    )
