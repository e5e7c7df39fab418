"""Decide who may ever see a file or a word of a State, beyond the State's own people.

Querysets in the models apply these rules to rows: `visible_to`, `to_be_read_by`, `published`, `public`. Who may write
is in permissions.py, how counts that leave the Secretariat are rounded in figures/rounding.py.
"""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.models import Recommendation
from tracker.models import AccessChange, Citation, FileScan, Membership, ReadingRestriction, Respondent, User
from tracker.models.assignment import assignee_keys
from tracker.models.evidence import EvidenceReader
from tracker.models.user import Role

HAS_MALWARE = _("Malware was found in this file. Nobody can open it. Do not open any copy of it that you have.")
NOT_SCANNED = _("This file has not been scanned for malware yet. Only the team that uploaded it can open it.")

REACHES_OUTSIDE = _("Only the team that uploaded this file can open it, because the file reaches outside of itself.")
NEVER_PUBLIC = _(
    "This file reaches outside of itself or has attachments, so it cannot be public. Choose another visibility, or "
    "change the file and upload it again."
)


def can_read_for(user: User, respondent: Respondent) -> bool:
    """Allow reviewers who have no role in the State and no reading restriction for it."""
    if not user.has_role(Role.REVIEWER) or respondent.pk in user.respondent_ids:
        return False
    return not ReadingRestriction.objects.filter(user=user, respondent=respondent, lifted_at__isnull=True).exists()


def respondents_not_read_by(user: User) -> set[int]:
    """Return the keys of the respondents for whom `can_read_for` is false, in one query."""
    return user.respondent_ids | user.restricted_ids


def may_still_read() -> Q:
    """Return the condition of `can_read_for` for submissions and their readers."""
    active = Membership.objects.current().filter(user=OuterRef("participation__taken_by"))
    barred = ReadingRestriction.objects.filter(
        user=OuterRef("participation__taken_by"), respondent=OuterRef("respondent"), lifted_at__isnull=True
    )
    writes = active.filter(respondent=OuterRef("respondent"))
    return Q(Exists(active.filter(role=Role.REVIEWER))) & ~Q(Exists(writes)) & ~Q(Exists(barred))


def readers_of(respondent: Respondent) -> list[User]:
    """Return the reviewers for whom `can_read_for` is true, in one query."""
    active = Membership.objects.current()
    writers = active.filter(respondent=respondent).values("user")
    barred = ReadingRestriction.objects.filter(respondent=respondent, lifted_at__isnull=True).values("user")
    reviewers = active.filter(role=Role.REVIEWER).exclude(user__in=writers).exclude(user__in=barred)
    return [membership.user for membership in reviewers.select_related("user")]


def readers_of_unit(respondent: Respondent, unit: Recommendation) -> list[User]:
    """Return the respondent's users who can read the unit today, by name, in two queries."""
    persons, institutions = assignee_keys(respondent, unit)
    active = Membership.objects.current().filter(respondent=respondent).select_related("user", "respondent")
    opened = [m.user for m in active if m.is_of_whole_desk or m.user_id in persons or m.institution_id in institutions]
    return sorted({user.pk: user for user in opened}.values(), key=str)


def can_read_appointing_document(user: User, appointed: Membership | AccessChange) -> bool:
    """Allow administrators, and the focal points of the State that appoints."""
    return user.has_role(Role.ADMINISTRATOR) or user.has_role(Role.FOCAL_POINT, respondent=appointed.respondent)


def is_kept_by_state(citation: Citation) -> bool:
    """Return whether a submission withholds the evidence. The citation is of `read_with_versions`.

    The newest version says who may see an evidence item. But a version that the State kept to itself, such as a law
    with the names still in it, stays withheld after a version with another content replaces it.
    """
    cited = citation.evidence_version
    newest = cited.evidence.current or cited
    if newest.disclosure == EvidenceReader.STATE:
        return True
    return citation.kept_since and cited.content != newest.content  # type: ignore[attr-defined]


def why_file_is_closed(sha256: str, *, is_own: bool) -> str | Promise:
    """Return the reason for which nobody, or nobody but the team that uploaded it, may open a file; else nothing.

    A file that nobody scanned is open to others where ClamAV is not used, unless something in it reaches outside.
    Without a row, nothing is known of a file: it is closed.
    """
    scan = FileScan.objects.filter(sha256=sha256).first()
    if scan and scan.found:
        return HAS_MALWARE
    if is_own or (scan and scan.scanned_at):
        return ""
    if scan is None or settings.CLAMAV_SOCKET:
        return NOT_SCANNED
    return " ".join([str(REACHES_OUTSIDE), *scan.advice]) if scan.links else ""


def why_never_public(sha256: str) -> list[str | Promise]:
    """Return the reasons for which a file may never be public, whatever a scan finds."""
    scan = FileScan.objects.filter(sha256=sha256).first()
    if scan is None:
        return [NEVER_PUBLIC]
    return [NEVER_PUBLIC, *scan.advice] if scan.links else []
