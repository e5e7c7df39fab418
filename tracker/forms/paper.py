from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.documents.paper.chapters import PaperChoice, usual_title
from tracker.forms.fields import PlainTextField
from tracker.models import Release
from tracker.models.submission import STATEMENT_LIMIT

ALL_QUOTED = "all"
UNALLOCATED = _("Leave empty until it is allocated.")


def line(label, help_text) -> forms.CharField:
    return PlainTextField(label=label, help_text=help_text, required=False, max_length=STATEMENT_LIMIT)


def name_of_release(release: Release) -> str:
    values = {"code": release, "date": date_format(release.made_at, "DATE_FORMAT")}
    # Translators: code: code of a round, as 2026. date: date.
    return gettext("%(code)s, data of %(date)s") % values


class PaperForm(forms.Form):
    """Choose a release, by default the newest, and the lines of the masthead, which may stay empty."""

    # Translators: The public figures of a round.
    release = forms.ChoiceField(label=_("Release"))
    # Translators: Name of a field: the symbol of a document, such as CTOC/COP/WG.4/2027/2.
    symbol = line(_("Symbol"), UNALLOCATED)
    # Translators: Name of a field: who gets a document, such as General.
    distribution = line(_("Distribution"), UNALLOCATED)
    # Translators: A day.
    dated = line(_("Date"), UNALLOCATED)
    # Translators: Name of a field: the language in which a document was written.
    original = line(_("Original language"), UNALLOCATED)
    session = line(_("Meeting"), _("For example: Fifteenth meeting."))
    place_and_dates = line(_("Place and dates"), _("For example: Vienna, 6–8 October 2027."))
    agenda_item = line(_("Agenda item"), _("For example: Item 2 of the provisional agenda."))
    title = line(_("Title"), "")
    most_quoted = forms.ChoiceField(
        label=_("Quotations of States"),
        required=False,
        choices=[("", _("The first two of each theme")), (ALL_QUOTED, _("All in the tray"))],
    )

    def __init__(self, data: QueryDict, releases: list[Release]):
        data = data.copy()
        data.setdefault("release", str(releases[0]))
        super().__init__(data)
        self.releases = {str(release): release for release in releases}
        choices = [(code, name_of_release(release)) for code, release in self.releases.items()]
        self.fields["release"].choices = choices  # type: ignore[attr-defined]
        chosen = self.releases.get(str(data["release"]), releases[0])
        self.fields["title"].help_text = usual_title(chosen.round.body)

    def clean_release(self) -> Release:
        release = self.releases[self.cleaned_data["release"]]
        release.refresh_from_db(fields=["units", "figures"])  # which the list of releases leaves out
        return release

    @property
    def choice(self) -> PaperChoice:
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "release"}
        most = None if chosen.pop("most_quoted") == ALL_QUOTED else PaperChoice.most_quoted
        return PaperChoice(**chosen, most_quoted=most)
