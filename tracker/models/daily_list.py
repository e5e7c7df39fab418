"""Keep the daily list: each day one line for each chain of events, signed, published, and never changed."""

from django.db import models
from django.db.models import Q

from recommendations.models.quick_row import QuickRow
from tracker.models.digest import FORM, canonical, digest_value, new_salt
from tracker.models.respondent import Respondent
from tracker.models.state_owned import StateOwned, StateOwnedQuerySet
from tracker.models.submission import Submission


class DailyList(QuickRow):
    """The list of one day, which names the list before it. `lines` are the digests of its lines, sorted.

    Keys, digests and signatures are in hexadecimal digits. Of the lines the signatures cover `lines_digest`. The first
    list with a new key has in `introduction` the signature by the former key, or begins the next `log`.
    """

    append_only = True

    number = models.PositiveIntegerField(unique=True)
    day = models.DateField(unique=True)
    lines = models.JSONField()
    lines_digest = models.CharField(max_length=64)
    key_number = models.PositiveIntegerField(default=1)
    public_key = models.CharField(max_length=64)
    canonical_form = models.PositiveSmallIntegerField(default=FORM)
    previous_digest = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128)
    log = models.PositiveIntegerField(default=1)
    introduction = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="daily_list_numbered_from_1")]

    def __str__(self):
        return f"{self.number} {self.day}"

    @property
    def statement(self) -> dict:
        """Return what is signed."""
        return {
            "form": self.canonical_form,
            "log": self.log,
            "number": self.number,
            "day": self.day,
            "previous": self.previous_digest,
            "key": self.key_number,
            "public_key": self.public_key,
            "lines": self.lines_digest,
        }

    @property
    def signatures(self) -> dict[str, str]:
        return {"signature": self.signature, "introduction": self.introduction}

    @property
    def signed_bytes(self) -> bytes:
        return canonical(self.statement)

    def make_digest(self) -> str:
        return digest_value(self.statement)


class DailyLineQuerySet(StateOwnedQuerySet):
    def visible_to(self, user):
        return self.filter(respondent__in=user.focal_point_of)._open()

    def for_receipt_of(self, submission: Submission):
        """Return the lines of the State of a submission, for people of this State alone."""
        return self.filter(respondent=submission.respondent)._open()

    def newest(self):
        return self.select_related("list").order_by("-list__number").first()


class DailyLine(StateOwned):
    """The line of a chain in the list of a day: number and digest of its head. Only its State has the random value
    `salt`, without which nobody can find the line in the list or see whether it changed.
    """

    append_only = True

    list = models.ForeignKey(DailyList, models.PROTECT, related_name="+")
    respondent = models.ForeignKey(Respondent, models.PROTECT, related_name="+", null=True)
    chain = models.CharField(max_length=12)
    number = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)

    objects = DailyLineQuerySet.as_manager()

    class Meta(StateOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["list", "chain"], name="chain_once_in_daily_list")]

    def __str__(self):
        return f"{self.list_id}: {self.chain}"

    def make_digest(self) -> str:
        return digest_value([self.salt, self.chain, self.number, self.head])

    @property
    def words(self) -> str:
        """Return the line as a State keeps it: day, chain, number, digest of the head and random value."""
        return f"{self.list.day}/{self.chain}/{self.number}/{self.head}/{self.salt}"
