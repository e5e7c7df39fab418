"""No sentence of a library is an error of a field: each says what is wrong and what to do."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from allauth import account, mfa
from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.db.models import Model
from django.test import RequestFactory
from django.urls import get_resolver

import recommendations
import tracker
from recommendations.error_messages import ENTER_LINK
from recommendations.models import Provision
from tracker.forms.user import Plain
from tracker.models import User

LIBRARIES = {
    "django": (
        *("forms/*.py", "core/validators.py", "db/models/base.py", "db/models/constraints.py"),
        *("db/models/fields/__init__.py", "contrib/admin/forms.py", "contrib/auth/*.py"),
    ),
    "allauth": ("account/forms.py", "account/fields.py", "mfa/*/forms.py"),
}
OURS = ("tracker.", "recommendations.")
TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}


def import_all() -> None:
    get_resolver().url_patterns  # noqa: B018
    for package in (tracker, recommendations):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith((".wsgi", "settings")):
                importlib.import_module(module.name)


def messages_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in TRANSLATED:
            yield from (
                text.value for text in node.args if isinstance(text, ast.Constant) and isinstance(text.value, str)
            )


@pytest.fixture(scope="module")
def library_messages() -> set[str]:
    roots = {"django": Path(django.__file__).parent, "allauth": Path(account.__file__).parents[1]}
    assert Path(mfa.__file__).is_relative_to(roots["allauth"])
    return {
        message
        for name, patterns in LIBRARIES.items()
        for pattern in patterns
        for path in roots[name].glob(pattern)
        for message in messages_in(path)
    } - {"limit_value", "max", "and", ":"}


def own_forms() -> set[type[forms.BaseForm]]:
    import_all()
    found, waiting = set(), [forms.BaseForm]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found |= {kind for kind in below if kind.__module__.startswith(OURS)}
    return found


def admin_forms() -> Iterator[tuple[str, type[forms.BaseForm]]]:
    """Yield the forms with which rows are added and changed in the admin, and those of the rows inside them."""
    for model, model_admin in admin.site._registry.items():
        request = RequestFactory().get("/")
        request.user = User(name="A person who may do everything")
        request.session = {}
        request.user.has_perm = lambda permission, obj=None: True
        may_add, may_change = model_admin.has_add_permission(request), model_admin.has_change_permission(request)
        for row in [None] * may_add + [model()] * may_change:
            yield model.__name__, model_admin.get_form(request, row, change=row is not None)
            for inline in model_admin.get_inline_instances(request, row):
                if inline.has_add_permission(request, row):
                    yield inline.model.__name__, inline.get_formset(request, row).form


def models_of_the_admin() -> set[type[Model]]:
    inlines = {inline.model for each in admin.site._registry.values() for inline in each.inlines}
    return {model for model in {*admin.site._registry, *inlines} if model.__module__.startswith(OURS)}


def errors_of(field: forms.Field) -> Iterator[str]:
    for name, message in field.error_messages.items():
        if field.required or name != "required":
            yield str(message)
    for validator in field.validators:
        message = getattr(validator, "message", "")
        # A plural message is a proxy that shows its forms only with a number.
        yield str(message % {"limit_value": 5, "show_value": 6} if type(message).__name__ == "__proxy__" else message)


def test_the_messages_of_libraries_are_found(library_messages):
    assert {"This field is required.", "Enter a valid URL.", "Enter a list of values."} <= library_messages


def test_no_error_of_a_field_is_a_sentence_of_a_library(library_messages):
    assert len(own_forms()) > 50
    shown = {
        (kind.__qualname__, name, message)
        for kind in own_forms()
        for name, field in getattr(kind, "base_fields", {}).items()
        for message in errors_of(field)
    }
    assert sorted(found for found in shown if found[2] in library_messages) == []


def test_a_field_that_must_be_filled_in_says_with_what():
    """Those of allauth and of an imported text are set, or are not required, when the form is made."""
    import_all()
    shown = {
        (kind.__qualname__, name)
        for kind in own_forms()
        if not issubclass(kind, Plain)
        for name, field in getattr(kind, "base_fields", {}).items()
        if field.required and not field.widget.is_hidden and str(field.error_messages["required"]) == "Enter a value."
    }
    assert shown == {("ImportedTextForm", "text")}


def test_no_error_nor_hint_of_a_form_of_the_admin_is_a_sentence_of_a_library(library_messages):
    found = {
        (name, label, str(text))
        for name, form in admin_forms()
        for label, field in form.base_fields.items()
        for text in (field.help_text, *errors_of(field))
    }
    assert len({name for name, _label, _text in found}) > 10
    assert sorted(each for each in found if each[2] in library_messages) == []


def test_no_error_of_values_that_are_used_already_is_a_sentence_of_a_library(library_messages):
    """Of one field, of fields together, of two rows of a form, and of a condition of the database."""
    shown = set()
    for model in models_of_the_admin():
        names = [(field.name,) for field in model._meta.fields if field.unique and not field.primary_key]
        for constraint in model._meta.constraints:
            shown.add(str(constraint.violation_error_message))
            names += [constraint.fields] if getattr(constraint, "fields", ()) else []
        rows = forms.modelformset_factory(model, fields=[])(queryset=model._base_manager.none())
        for unique in names:
            error = model().unique_error_message(model, unique)
            shown |= {
                str(error.message),
                *error.messages,
                rows.get_unique_error_message(unique),
                rows.get_form_error(),
            }
    assert "These values are already used together. Change one of them: Instrument, Article." in shown
    together = "Group of similar recommendations, Recommendation"
    assert f"Two rows have the same values. Change or delete one of them: {together}." in shown
    assert sorted(shown & library_messages) == []


@pytest.mark.django_db
def test_a_row_of_the_admin_that_is_there_already_says_what_to_do(curator):
    provision = Provision.objects.earliest("pk")
    rows = {"services-TOTAL_FORMS": 0, "services-INITIAL_FORMS": 0}
    typed = {"instrument": provision.instrument, "article": provision.article, "title": "A", "position": 99}
    page = curator.post("/admin/recommendations/provision/add/", typed | rows)
    assert page.context["adminform"].form.non_field_errors() == [
        "These values are already used together. Change one of them: Instrument, Article."
    ]


@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        (forms.CharField(), "", "Enter a value."),
        (forms.CharField(max_length=3), "word", "The text is too long: at most 3 characters. It has 4."),
        (forms.CharField(min_length=3), "at", "The text is too short: at least 3 characters. It has 2."),
        (forms.CharField(), "a\x00b", "Remove the invisible characters: they cannot be saved."),
        (forms.ChoiceField(choices=[("a", "A")]), "b", "Choose from the list."),
        (forms.MultipleChoiceField(choices=[("a", "A")]), "b", "Choose from the list."),
        (forms.EmailField(), "focal.point", "Enter an e-mail address, for example name@example.org."),
        (forms.URLField(assume_scheme="https"), "a law", ENTER_LINK),
        (forms.SlugField(), "a law", "Enter only letters, digits, hyphens and underscores."),
        (forms.IntegerField(), "five", "Enter a whole number, for example 5."),
        (forms.IntegerField(max_value=20), "21", "Enter a number of at most 20."),
        (forms.IntegerField(min_value=0), "-1", "Enter a number of at least 0."),
        (forms.DateField(), "soon", "Enter the date as 30 June 2027."),
        (forms.BooleanField(), "", "Select the box."),
        (forms.FileField(), None, "Choose a file."),
    ],
)
def test_any_field_says_what_to_do(field, typed, error):
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(typed)
    assert refused.value.messages == [error]


def test_a_set_of_forms_without_its_counts_says_what_to_do():
    formset = forms.formset_factory(forms.Form)({})
    assert formset.non_form_errors() == ["The page is incomplete. Reload it and try again."]


GUESSABLE = (
    "The password is easy to guess. Enter a longer one, without names, dates and rows of keys. Years and signs at the "
    "beginning and the end do not count."
)


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("xu7!kd", "The password is too short. Enter at least 12 characters."),
        ("x" * 257, "The text is too long: at most 256 characters. It has 257."),
        ("alice.example.xaa", GUESSABLE),
        ("q1w2e3r4t5y6", GUESSABLE),
        ("918273645546", GUESSABLE),
        ("Welcome2026!!", GUESSABLE),
        ("recommendations tracker", GUESSABLE),
    ],
)
def test_a_password_that_is_refused_says_what_to_do(password, error):
    user = User(email="alice@example.xaa", name="Alice")
    with pytest.raises(forms.ValidationError) as refused:
        validate_password(password, user)
    assert refused.value.messages == [error]


def test_the_rules_of_passwords_are_in_the_words_of_this_site():
    assert password_validators_help_texts() == [
        "Enter at least 12 characters, for example four words that do not belong together. Years and signs at the "
        "beginning and the end do not count."
    ]


def test_an_invisible_character_is_one_error():
    import_all()
    fields = {
        (kind.__qualname__, name): field
        for kind in own_forms()
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field, forms.CharField)
    }
    found = {}
    for name, field in fields.items():
        try:
            field.clean("a law\0")
        except forms.ValidationError as refused:
            found[name] = refused.messages
    assert len(found) > 40
    assert {name: messages for name, messages in found.items() if str(messages).count("nvisible") > 1} == {}
