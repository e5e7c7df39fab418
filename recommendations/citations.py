"""Cite texts and papers in whole sentences, in the language of the reader."""

from django.utils.translation import gettext as _

from recommendations.days import day_in_words
from recommendations.models import NodeKind, Paper, PaperKind, Recommendation
from recommendations.paper_import import notation


def cite_text(node: Recommendation) -> str:
    values = {
        "body": node.body.name,
        "meeting": node.meeting.name,
        "days": node.meeting.place_and_days,
        "label": node.shown_label,
        "title": node.paper.title,
        "date": day_in_words(node.paper.date),
    }
    if node.shown_label.startswith(notation.ACTS):
        # Translators: body: the body that adopted the text. meeting: as Third session. days: place and days of the
        # meeting. label: as Decision 3/1.2(a). title, date: of the paper.
        sentence = _("%(body)s, %(meeting)s (%(days)s), %(label)s, in “%(title)s”, %(date)s.")
    elif node.kind == NodeKind.NOTE:
        # Translators: body: the body that adopted the text. meeting: as Fourth meeting. days: place and days of the
        # meeting. label: as III. title, date: of the paper.
        sentence = _("%(body)s, %(meeting)s (%(days)s), note %(label)s, in “%(title)s”, %(date)s.")
    else:
        # Translators: body: the body that adopted the text. meeting: as Fourth meeting. days: place and days of the
        # meeting. label: as IV.46(i). title, date: of the paper.
        sentence = _("%(body)s, %(meeting)s (%(days)s), recommendation %(label)s, in “%(title)s”, %(date)s.")
    return f"{sentence % values} {cite_place(node.paper, node.paragraph, node.page)}".rstrip()


def cite_place(paper: Paper, paragraph: str = "", page: int | None = None) -> str:
    """Name the document by its symbol, and the place in it; empty where the symbol is not known."""
    if not paper.symbol:
        return ""
    values = {"symbol": paper.symbol, "paragraph": paragraph, "page": page}
    if paragraph[:1].isupper() and page:
        # Translators: The place of a text. symbol: of the document. paragraph: as printed, such as Recommendation 3.
        return _("Document %(symbol)s, %(paragraph)s, page %(page)s.") % values
    if paragraph[:1].isupper():
        # Translators: The place of a text. symbol: of the document. paragraph: as printed, such as Recommendation 3.
        return _("Document %(symbol)s, %(paragraph)s.") % values
    if paragraph and page:
        # Translators: The place of a text. symbol: of the document. paragraph: number as printed, such as 12 (b).
        return _("Document %(symbol)s, paragraph %(paragraph)s, page %(page)s.") % values
    if paragraph:
        # Translators: The place of a text. symbol: of the document. paragraph: number as printed, such as 12 (b).
        return _("Document %(symbol)s, paragraph %(paragraph)s.") % values
    if page:
        # Translators: The place of a text. symbol: of the document. page: number of the page.
        return _("Document %(symbol)s, page %(page)s.") % values
    # Translators: symbol: of a document, such as CTOC/COP/2008/19.
    return _("Document %(symbol)s.") % values


def cite_paper(paper: Paper) -> str:
    """Cite a paper as the source of recommendations in general."""
    values = {"body": paper.body.name, "title": paper.title, "date": day_in_words(paper.date)}
    # Translators: body: name of the body; title: title of the paper; date: its date.
    sentence = _("Source of the recommendations: %(body)s, “%(title)s”, %(date)s.") % values
    return f"{sentence} {cite_place(paper)}".rstrip()


def cite_paper_in_footnote(paper: Paper) -> str:
    values = {"body": paper.body.name, "title": paper.title, "date": day_in_words(paper.date)}
    if paper.kind == PaperKind.CONSOLIDATED_RECORD:
        # Translators: Footnote. %(body)s: name of the working group. %(title)s: title of the paper with the
        # recommendations. %(date)s: its date.
        sentence = _("%(body)s, “%(title)s”, background paper prepared by the Secretariat, %(date)s.") % values
    else:
        # Translators: Footnote. %(body)s: name of the working group. %(title)s: title of the paper with the
        # recommendations. %(date)s: its date.
        sentence = _("%(body)s, “%(title)s”, %(date)s.") % values
    return f"{sentence} {cite_place(paper)}".rstrip()
