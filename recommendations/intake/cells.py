"""Read and write the values of a table by column, as widgets of django-import-export."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from recommendations.error_messages import OTHER_VALUE
from recommendations.intake.table import NO, YES
from recommendations.lists import format_list

FLAGS = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False, "": False}


class TextCell(Widget):
    def clean(self, value: str, row=None, **kwargs) -> Any:
        return value.replace("\r\n", "\n")

    def render(self, value, obj=None, **kwargs) -> str:
        return "" if value is None else str(value)

    def in_words(self, value) -> str:
        """Write the value as people read it: no codes."""
        return self.render(value)


class LineCell(TextCell):
    def clean(self, value: str, row=None, **kwargs) -> str:
        return " ".join(value.split())


class NumberCell(TextCell):
    def clean(self, value: str, row=None, **kwargs) -> int | None:
        if not value.strip():
            return None
        if not re.fullmatch("[1-9][0-9]{0,3}", value.strip()):
            raise ValueError("Enter a whole number between 1 and 9999.")
        return int(value)


class ChoiceCell(TextCell):
    """`known`: the values by code; `labels`: their words, if these are not the values; `key`: a value's own code."""

    def __init__(self, known: Mapping[str, Any] | None = None, labels: Mapping | None = None, key: str = "code"):
        super().__init__()
        self.known, self.labels, self.key = known or {}, labels or {}, key

    def clean(self, value: str, row=None, **kwargs):
        return self.read_choice(value.strip())

    def read_choice(self, value: str):
        if value in self.known:
            return self.known[value]
        codes = format_list(code for code in self.known if code)
        raise ValueError(OTHER_VALUE % {"said": value[:100], "codes": codes})

    def render(self, value, obj=None, **kwargs) -> str:
        return super().render(getattr(value, self.key, value))

    def in_words(self, value) -> str:
        return str(self.labels.get(value, value or ""))


class CheckCell(ChoiceCell):
    def __init__(self):
        super().__init__(FLAGS)

    def clean(self, value: str, row=None, **kwargs) -> bool:
        return self.read_choice(value.strip().lower())

    def render(self, value: bool, obj=None, **kwargs) -> str:
        return YES if value else NO

    def in_words(self, value: bool) -> str:
        return _("Yes") if value else _("No")


class ListCell(ChoiceCell):
    """Several choices, in the order of those that are known."""

    def clean(self, value: str, row=None, **kwargs) -> list:
        chosen = [self.read_choice(code.strip()) for code in value.split(",") if code.strip()]
        return [each for each in self.known.values() if each in chosen]

    def render(self, value: list, obj=None, **kwargs) -> str:
        return ", ".join(super(ListCell, self).render(each) for each in value)

    def in_words(self, value: list) -> str:
        return format_list(super(ListCell, self).in_words(each) for each in value)


class RowsField(Field):
    """Of many rows, which are a list."""

    def get_value(self, instance) -> list:
        return list(super().get_value(instance).all())


class AdoptedField(Field):
    """Show a value as adopted; a row that changes it is refused."""

    def clean(self, row: dict, **kwargs) -> str:
        return self.widget.render(self.widget.clean(row[self.column_name].strip()))

    def get_value(self, instance) -> str:
        return self.widget.render(super().get_value(instance))

    def export(self, instance, **kwargs) -> str:
        return self.get_value(instance)


def choice_cell(choices: type[TextChoices], kind: type[ChoiceCell] = ChoiceCell) -> ChoiceCell:
    none = {"": ""} if kind is ChoiceCell else {}
    return kind(none | {code: code for code in choices.values}, dict(choices.choices))
