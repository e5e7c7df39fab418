from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.citations import cite_paper
from recommendations.models import Recommendation
from tracker.models import Respondent
from tracker.models.respondent import RespondentKind

USUAL = (
    _("Self-reported by States; not verified by the Secretariat."),
    _("Answering is voluntary and is neither part of nor a substitute for the Review Mechanism of the Convention."),
    _(
        "“No information” means that nothing was recorded. It is counted separately and does not mean "
        "“No measure to date”."
    ),
    _("“Shall” and “should” describe wording, not a legal obligation."),
    _(
        "The designations employed and the presentation of the material do not imply the expression of any "
        "opinion whatsoever on the part of the Secretariat of the United Nations concerning the legal status of any "
        "country, territory, city or area, or of its authorities, or concerning the delimitation of its frontiers or "
        "boundaries."
    ),
)

ROUNDED = (
    _(
        "Figures are rounded to five States, and moved to a neighbouring multiple where they would reveal an answer: 0 "
        "does not mean none. They are made once for each round."
    ),
    *USUAL,
)

WORKING_FIGURES = (
    _(
        "Working figures of the Secretariat, not for circulation: they are exact, and can reveal the answers of a "
        "State. Figures that leave the Secretariat are those of a release."
    ),
    *USUAL,
)

OF_THEMSELVES = _("Self-reported by the Secretariat and UNODC about their own work; not verified by others.")


def statements_for(respondent: Respondent) -> tuple[str | Promise, ...]:
    return (OF_THEMSELVES, *USUAL[1:]) if respondent.kind == RespondentKind.SECRETARIAT else USUAL


def all_statements(nodes: Iterable[Recommendation], statements: Iterable[str | Promise] = USUAL) -> list[str]:
    """Return the statements, and the source of each paper with one of the texts."""
    papers = {node.paper_id: node.paper for node in nodes}
    in_order = sorted(papers.values(), key=lambda paper: (paper.body_id, paper.date, paper.pk))
    return [*map(str, statements), *map(cite_paper, in_order)]
