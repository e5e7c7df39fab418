"""What Django's fields and validators say, in the words of this site: what is wrong, then what to do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.days import day_error
from recommendations.lists import format_list

CHOOSE = _("Choose from the list.")
CHOOSE_FILE = _("Choose a file.")
ENTER_DATE = lazy(day_error, str)()
ENTER_EMAIL = _("Enter an e-mail address, for example name@example.org.")
ENTER_LINK = _(
    "Enter a link that begins with https:// or http:// and has no spaces, such as https://www.example.org/law. The "
    "name of the site needs a full stop and cannot have an underscore."
)
ENTER_NUMBER = _("Enter a whole number, for example 5.")
EMPTY_FILE = _("The file is empty. Choose another file.")
# Translators: size and limit: such as 30 MB.
LARGE_FILE = _("The file is too large: %(size)s. Choose a file of at most %(limit)s.")
# Translators: types: list of file types.
FILE_TYPES = _("Choose a file of one of these types: %(types)s.")
# Translators: suffix: such as .docx.
OTHER_CONTENT = _("The file name ends in “%(suffix)s”, but the content is of another type. Choose the correct file.")
# Translators: words: the choices, a list.
CHOOSE_FROM = _("Choose from the list: %(words)s.")
INVISIBLE = _("Remove the invisible characters: they cannot be saved.")
# Translators: label: what the file contains.
UNKNOWN_LABEL = _("No text has the label “%(label)s”. Correct the label.")
SAME_LABEL = _("An earlier row has the same label. Remove one of the rows.")
# Translators: said: what the cell contains. codes: values, not translated.
OTHER_VALUE = _("“%(said)s” is not a valid value. Enter one of: %(codes)s.")
# Translators: columns: names of columns, not translated.
NEEDED_COLUMNS = _("The file must have these columns, each once: %(columns)s.")
# Translators: column, known: names of columns, not translated.
UNKNOWN_COLUMN = _("Unknown column: %(column)s. The file may have these columns: %(known)s.")
OLDER_ENCODING = _(
    "The file is in an older encoding, such as Windows-1252, Windows-1251, Windows-1256 or GB 18030. Save it as UTF-8 "
    "(in Excel: “CSV UTF-8”) and choose it again."
)
UNMARKED_UTF16 = _(
    "The file is in UTF-16 without a byte order mark. Save it as UTF-8 (in Excel: “CSV UTF-8”) and choose it again."
)
NOT_A_TEXT_FILE = _("The file is not text. Choose a text file in UTF-8 or UTF-16.")
RELOAD = _("The page is incomplete. Reload it and try again.")
NOTHING_SELECTED = _("Nothing was selected. Select at least one box and try again.")
TRY_LATER = _("A file could not be stored or read, so nothing was done. Try again later.")
# Translators: Said of a new label of a text that has items.
LABEL_OF_ITEMS = _("Its items cannot have labels that begin with this label. Enter another label.")
PAGE_CHANGED = _("The page changed after you opened it, so nothing was done. Check the page, and try again if needed.")
NOT_BOTH = _("Choose a file or select the box that removes the current file, not both.")
TOO_LONG = ngettext_lazy(
    # Translators: %(limit_value)d is the greatest number of characters, %(show_value)d the number typed.
    "The text is too long: at most %(limit_value)d character. It has %(show_value)d.",
    "The text is too long: at most %(limit_value)d characters. It has %(show_value)d.",
    "limit_value",
)
TOO_SHORT = ngettext_lazy(
    # Translators: limit_value: largest or smallest number allowed; show_value: number of characters typed.
    "The text is too short: at least %(limit_value)d character. It has %(show_value)d.",
    "The text is too short: at least %(limit_value)d characters. It has %(show_value)d.",
    "limit_value",
)
NAME_TOO_LONG = ngettext_lazy(
    # Translators: length: number of characters; max: largest number of characters.
    "The name of the file has %(length)d characters: at most %(max)d character. Rename the file.",
    "The name of the file has %(length)d characters: at most %(max)d characters. Rename the file.",
    "max",
)

OF_FIELDS: Mapping[type, Mapping[str, Promise | str]] = {
    forms.Field: {"required": _("Enter a value.")},
    forms.BooleanField: {"required": _("Select the box.")},
    forms.ChoiceField: {"required": CHOOSE, "invalid_choice": CHOOSE},
    forms.MultipleChoiceField: {"required": CHOOSE, "invalid_choice": CHOOSE, "invalid_list": CHOOSE},
    forms.ModelChoiceField: {"required": CHOOSE, "invalid_choice": CHOOSE},
    forms.ModelMultipleChoiceField: {"invalid_choice": CHOOSE, "invalid_list": CHOOSE, "invalid_pk_value": CHOOSE},
    forms.models.InlineForeignKeyField: {"invalid_choice": RELOAD},
    forms.DateField: {"required": ENTER_DATE, "invalid": ENTER_DATE},
    forms.DateTimeField: {"invalid": _("Enter the date and time as 2027-06-30 14:30.")},
    forms.JSONField: {"invalid": RELOAD},
    forms.EmailField: {"required": ENTER_EMAIL},
    forms.FileField: {
        "required": CHOOSE_FILE,
        "invalid": CHOOSE_FILE,
        "missing": CHOOSE_FILE,
        "empty": EMPTY_FILE,
        "max_length": NAME_TOO_LONG,
        "contradiction": NOT_BOTH,
    },
    forms.IntegerField: {"required": ENTER_NUMBER, "invalid": ENTER_NUMBER},
    forms.URLField: {"required": ENTER_LINK, "invalid": ENTER_LINK},
    forms.BaseFormSet: {"missing_management_form": RELOAD, "too_many_forms": RELOAD, "too_few_forms": RELOAD},
    models.Field: {
        "blank": _("Enter a value."),
        "null": _("Enter a value."),
        "invalid_choice": CHOOSE,
        # Translators: field_label: name of the field.
        "unique": _("%(field_label)s: this value is already used. Enter another value."),
    },
}
OF_VALIDATORS: tuple[tuple[Any, Promise], ...] = (
    (validators.EmailValidator, ENTER_EMAIL),
    (validators.URLValidator, ENTER_LINK),
    (validators.MaxLengthValidator, TOO_LONG),
    (validators.MinLengthValidator, TOO_SHORT),
    # Translators: limit_value: largest or smallest number allowed.
    (validators.MaxValueValidator, _("Enter a number of at most %(limit_value)s.")),
    # Translators: limit_value: largest or smallest number allowed.
    (validators.MinValueValidator, _("Enter a number of at least %(limit_value)s.")),
    (validators.ProhibitNullCharactersValidator, INVISIBLE),
    (validators.validate_slug, _("Enter only letters, digits, hyphens and underscores.")),
)


def check_size(size: int, limit: int) -> None:
    """Raise ValidationError where a file has more bytes than `limit`."""
    if size > limit:
        raise forms.ValidationError(LARGE_FILE, params={"size": filesizeformat(size), "limit": filesizeformat(limit)})


UNIQUE_OF_DJANGO = models.Model.unique_error_message


def unique_error(self: models.Model, model_class: type[models.Model], names: Sequence[str]) -> ValidationError:
    if len(names) == 1:
        return UNIQUE_OF_DJANGO(self, model_class, names)
    # Translators: fields: names of two or more fields.
    message = _("These values are already used together. Change one of them: %(fields)s.")
    params = {"model": self, "model_class": model_class, "unique_check": names, "fields": name_fields(self, names)}
    return ValidationError(message, code="unique_together", params=params)


def repeated_rows_error(self: forms.BaseModelFormSet, names: Sequence[str]) -> str:
    # Translators: fields: names of one or more fields.
    message = gettext("Two rows have the same values. Change or delete one of them: %(fields)s.")
    return message % {"fields": name_fields(self.model, names)}  # type: ignore[arg-type]


def name_fields(model: models.Model | type[models.Model], names: Sequence[str]) -> str:
    return format_list(model._meta.get_field(name).verbose_name for name in names)  # type: ignore[union-attr]


OF_METHODS: tuple[tuple[type, str, Callable[..., object]], ...] = (
    (models.Model, "unique_error_message", unique_error),
    (forms.BaseModelFormSet, "get_unique_error_message", repeated_rows_error),
    (forms.BaseModelFormSet, "get_form_error", lambda rows: gettext("Another row has the same values.")),
)


def replace_library_messages() -> None:
    """Replace them in the classes: so do the forms of the admin, of sign-in and of imports say the same."""
    for kind, messages in OF_FIELDS.items():
        kind.default_error_messages = {**vars(kind).get("default_error_messages", {}), **messages}  # type: ignore[attr-defined]
    for validator, message in OF_VALIDATORS:
        validator.message = message
    for kind, name, method in OF_METHODS:
        setattr(kind, name, method)
    models.BaseConstraint.default_violation_error_message = _("These values do not go together. Correct them.")
