"""What a curator decides about the texts of a document, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from recommendations.models import Addressee
from recommendations.outline.outline import DoubtCode

IMPLIED, NOBODY, TWO_ADDRESSEES = DoubtCode.IMPLIED, DoubtCode.NOBODY, DoubtCode.TWO_ADDRESSEES
OTHER_WORDS = "other_words"
DROPPED_WORDS, ADDED_WORDS = "dropped_words", "added_words"
LABEL_NOT_PRINTED = "label_not_printed"

DOUBTS: dict[str, str | Promise] = {
    DoubtCode.CUT: _("This text may be incomplete: it does not end like a paragraph"),
    DoubtCode.WORDS_DIFFER: _("The program could not read a word with certainty"),
    LABEL_NOT_PRINTED: _("The document does not print the number of this label here"),
    NOBODY: _("No addressee found"),
    TWO_ADDRESSEES: _("This text names two addressees"),
    IMPLIED: _("The text does not say whom it addresses"),
    DROPPED_WORDS: _("Words of the document are in no text"),
    ADDED_WORDS: _("Words of this text are not in the document"),
    OTHER_WORDS: _("This label is already published with a different text, which stays"),
}
QUESTIONS: dict[str, str | Promise] = {
    DoubtCode.CUT: _("Is this text complete?"),
    DoubtCode.WORDS_DIFFER: _("Are these words as printed?"),
    LABEL_NOT_PRINTED: _("Is this label right?"),
    NOBODY: _("Whom does this text address?"),
    TWO_ADDRESSEES: _("Whom does this text address?"),
    IMPLIED: _("Whom does this text address?"),
    DROPPED_WORDS: _("Are these words left out rightly?"),
    ADDED_WORDS: _("Are these words added rightly?"),
    OTHER_WORDS: _("Does the published text stay as it is?"),
}

# Answers; another is the code of an addressee.
KEEP, NOBODY_ADDRESSED, LEAVE_OUT = "keep", "nobody", "leave_out"
# Translators: Answer to “Whom does this text address?”
ADDRESSES_NOBODY = pgettext_lazy("addressee", "Nobody: no answer is requested")
YES = {
    DoubtCode.CUT: _("Yes, the text is complete"),
    DoubtCode.WORDS_DIFFER: _("Yes, the words are as printed"),
    LABEL_NOT_PRINTED: _("Yes, the label is right"),
    NOBODY: ADDRESSES_NOBODY,
    TWO_ADDRESSEES: _("All addressees that the text names"),
    IMPLIED: _("The proposed addressee"),
    DROPPED_WORDS: _("Yes, leave these words out"),
    ADDED_WORDS: _("Yes, keep these words"),
    OTHER_WORDS: _("Yes, the published text stays"),
}
NO_RECOMMENDATION = _("This text is not a recommendation: leave the text out")


def answers_to(question: str) -> Mapping[str, str | Promise]:
    """Return the answers to a doubt by their code, in the order of a form: to leave a text out comes last."""
    answers: dict[str, str | Promise] = {KEEP: YES[question]} if question in YES else {}
    if question in (IMPLIED, NOBODY, TWO_ADDRESSEES):
        answers |= {code.value: code.label for code in Addressee.Code}
    if question == IMPLIED:
        answers[NOBODY_ADDRESSED] = ADDRESSES_NOBODY
    return answers | {LEAVE_OUT: NO_RECOMMENDATION}
