from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from recommendations.forms import DayField
from tracker.forms.fields import WrittenField
from tracker.forms.paper import name_of_release
from tracker.models import Quotation, Release, Revision
from tracker.models.language import Language
from tracker.models.quotation import REASON_LIMIT, TRANSLATOR_LIMIT
from tracker.queries.quotations import chosen_sentences, sentences_of
from tracker.queries.themes import ThemeGroup

NO_THEME = "none"


def key_of_theme(slug: str) -> str:
    return slug or NO_THEME


class QuotableFilter(forms.Form):
    """Choose which quotable answers are listed; those of the theme `first` if none is named."""

    # Translators: Name of a field: a release of figures.
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
    sentences = forms.MultipleChoiceField(
        label=_("Sentences to quote"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Words cannot be changed. “[…]” marks what you leave out."),
    )
    translation = WrittenField(
        label=_("Courtesy translation"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The paper marks the translation as not official. The site translates nothing."),
    )
    translation_language = forms.ChoiceField(label=_("Language of the translation"), required=False)
    translator = WrittenField(
        label=_("Translation made by"), limit=TRANSLATOR_LIMIT, help_text=_("For example: the Secretariat.")
    )

    def __init__(
        self, data: QueryDict | None, *, revision: Revision, field: str, language: str, quotation: Quotation | None
    ):
        text = getattr(revision, field)
        initial: dict[str, object] = {"translation_language": language}
        if quotation:
            initial |= {
                "base": quotation.stamp,
                "sentences": [str(number) for number in chosen_sentences(text, quotation)],
                "translation": quotation.translation,
                "translator": quotation.translator,
                "translation_language": quotation.translation_language or language,
            }
        super().__init__(data, initial=initial)
        fields: dict = self.fields
        fields["sentences"].choices = [(str(each.number), each.words) for each in sentences_of(text)]
        fields["translation_language"].choices = [
            choice for choice in Language.choices if choice[0] not in (revision.language, Language.OTHER)
        ]

    def clean_sentences(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["sentences"]]


class ObjectByForm(forms.Form):
    object_by = DayField(
        label=_("Last day for objections"),
        help_text=_("For example: 30 June 2027."),
        error_messages={"required": _("Enter the last day on which States can object.")},
    )


class ObjectionForm(forms.Form):
    reason = WrittenField(label=_("Reason"), limit=REASON_LIMIT, widget=forms.Textarea(attrs={"rows": 2}))
