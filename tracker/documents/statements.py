from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_in_words
from recommendations.models import Body
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind

USUAL = (
    _("Self-reported by States; not verified by the Secretariat."),
    _("Answering is voluntary and is neither part of nor a substitute for the Review Mechanism of the Convention."),
    _(
        "“No information” means that nothing was recorded. It is counted separately and does not mean "
        "“No measure to date”."
    ),
    _("Strength describes wording, not legal obligation."),
    _(
        "The designations employed and the presentation of the material do not imply the expression of any "
        "opinion whatsoever on the part of the Secretariat of the United Nations concerning the legal status of any "
        "country, territory, city or area, or of its authorities, or concerning the delimitation of its frontiers or "
        "boundaries."
    ),
)

WORKING_FIGURES = (
    _(
        "Working figures of the Secretariat, not for circulation: some are about fewer than five States. Figures that "
        "leave the Secretariat are those of a release."
    ),
    *USUAL,
)

OF_THEMSELVES = _("Self-reported by the Secretariat and UNODC about their own work; not verified by others.")


def statements_for(respondent: Respondent) -> tuple[str | Promise, ...]:
    return (OF_THEMSELVES, *USUAL[1:]) if respondent.kind == RespondentKind.SECRETARIAT else USUAL


def all_statements(bodies: Iterable[Body], statements: Iterable[str | Promise] = USUAL) -> list[str]:
    return [
        *map(str, statements),
        *(
            # Translators: body: name of the body; title: title of the paper; date: its date.
            gettext("Source of the recommendations: %(body)s, “%(title)s”, %(date)s.")
            % {"body": body.name, "title": body.paper_title, "date": day_in_words(body.paper_date)}
            for body in bodies
        ),
    ]
