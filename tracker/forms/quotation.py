from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.forms.fields import WrittenField
from tracker.forms.paper import name_of_release
from tracker.models import Quotation, Release
from tracker.models.language import Language
from tracker.models.quotation import NO_WORDS, REASON_LIMIT
from tracker.queries.themes import ThemeGroup

NO_THEME = "none"


def key_of_theme(slug: str) -> str:
    return slug or NO_THEME


class QuotableFilter(forms.Form):
    """Choose which quotable answers are listed; those of the theme `first` if none is named."""

    # Translators: The public figures of a round.
    release = forms.ChoiceField(label=_("Release"))
    theme = forms.ChoiceField(label=_("Theme"))
    language = forms.ChoiceField(label=_("Language of the answer"), required=False)
    q = forms.CharField(label=_("Recommendation, or words of the answer"), required=False, max_length=200)

    def __init__(
        self,
        data: QueryDict,
        releases: list[Release],
        release: Release,
        themes: list[ThemeGroup],
        first: ThemeGroup | None,
    ):
        data = data.copy()
        data.setdefault("release", str(release))
        if first:
            data.setdefault("theme", key_of_theme(first.slug))
        super().__init__(data)
        fields: dict = self.fields
        fields["release"].choices = [(str(each), name_of_release(each)) for each in releases]
        fields["theme"].choices = [(key_of_theme(theme.slug), theme.name) for theme in themes]
        # Translators: Choice in a list of languages.
        fields["language"].choices = [("", _("All languages")), *Language.choices]


class QuotationForm(forms.Form):
    """`base`: stamp of the quotation that the officer saw."""

    base = forms.CharField(required=False, widget=forms.HiddenInput)
    words = WrittenField(
        label=_("Words to quote"),
        required=True,
        error_messages={"required": NO_WORDS},
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Copy them from the answer. Type […] where you leave words out. Words cannot be changed."),
    )
    translated = WrittenField(
        label=_("Words of the translation"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Copy them from the translation, with […] for the same cuts. The paper prints them."),
    )

    def __init__(self, data: QueryDict | None, *, quotation: Quotation | None):
        initial = (
            {"base": quotation.stamp, "words": quotation.words, "translated": quotation.translation_words}
            if quotation
            else {}
        )
        super().__init__(data, initial=initial)


class ObjectByForm(forms.Form):
    object_by = DayField(
        label=_("Last day for objections"),
        help_text=_("For example: 30 June 2027."),
        error_messages={"required": _("Enter the last day on which States can object.")},
    )


class ObjectionForm(forms.Form):
    reason = WrittenField(label=_("Reason"), limit=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))
