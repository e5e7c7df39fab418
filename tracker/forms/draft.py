import re

from django.forms import BaseForm
from django.forms.utils import ErrorDict
from django.http import QueryDict

from tracker.actions.draft import Tab
from tracker.forms.conflict import PREFIX
from tracker.forms.fields import LINE_OR_PAGE_BREAK
from tracker.forms.record import NEW_FIELD, AnswerForm, NewEvidenceForm, NoteForm
from tracker.models.answer_fields import FIELD_BY_NAME
from tracker.models.draft import TAB, new_tab
from tracker.web import unsaved_input

# Added by the page, not typed.
OF_THE_PAGE = {"csrfmiddlewaretoken", unsaved_input.FIELD, "tab", "continues", "next", "find", "seen"}
GOES_ON = "draft_tab"  # in the session: the tab that a page without JavaScript goes on as
STAMP = re.compile("[0-9a-f]{64}")


def read_tab(data: QueryDict) -> Tab:
    """Read the tab of the form; make a new one where it is not one that a page wrote."""
    token, continues = data.get("tab", ""), data.get("continues", "")
    return Tab(token if TAB.fullmatch(token) else new_tab(), continues if STAMP.fullmatch(continues) else "")


def read_fields(data: QueryDict) -> dict[str, list[str]]:
    return {
        name: [LINE_OR_PAGE_BREAK.sub("\n", value) for value in values]
        for name, values in data.lists()
        if name not in OF_THE_PAGE and not name.endswith("-upload") and not name.startswith(f"{PREFIX}-")
    }


def drop_errors(form: BaseForm) -> None:
    form._errors = ErrorDict(renderer=form.renderer)  # type: ignore[attr-defined]


def label_of(name: str) -> str:
    """Return the label of a field of the answer form; empty where it has none of its own."""
    fields = AnswerForm.base_fields | NoteForm.base_fields | NewEvidenceForm.base_fields
    labelled = fields.get(NEW_FIELD.sub("", name, count=1), FIELD_BY_NAME.get(name))
    return str(labelled.label) if labelled else ""
