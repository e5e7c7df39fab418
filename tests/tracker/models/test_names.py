"""Names are one line of visible text without addresses, those of people without quotation marks, brackets and roles:
they are written into official mail.
"""

import re
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from tests.conftest import make_person, reread
from tests.languages import RIGHT_TO_LEFT
from tests.tracker.web.test_accounts import NEW_PASSWORD, link_in
from tracker.actions.institution import add_institution
from tracker.actions.invitation import send_invitation
from tracker.actions.user import add_person, correct_name
from tracker.models import Institution, User
from tracker.models.user import NAME_LIMIT, Role, validate_person_name
from tracker.models.validators import validate_name

LINES = "Alice\n\nYour account is closed. Send your password to the Secretariat.\n"


@pytest.mark.parametrize(
    "name",
    [
        "Alice Smith",
        "María-José O’Connor d’Água (Ph. D.)",
        "Министерство внутренних дел",
        "وزارة العدل",
        "نیم\u200cفاصله",  # a joiner, as Persian is written
        "क्\u200dष",
        "司法部",
        "St. Petersburg: Court No. 2, 3rd floor; e.V.",
        "Côte d’Ivoire",
        "A/B & C",
    ],
)
def test_names_of_every_script_are_names(name):
    validate_name(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (LINES, "not_one_line"),
        ("Alice\rSmith", "not_one_line"),
        ("Alice\tSmith", "not_one_line"),
        ("Alice\x85Smith", "not_one_line"),
        ("Alice\u2028Smith", "not_one_line"),
        ("Alice\u2029Smith", "not_one_line"),
        ("Alice\u202eSmith", "not_one_line"),
        ("Alice\u2066Smith", "not_one_line"),
        ("Alice\u200eSmith", "not_one_line"),
        ("Alice\u061cSmith", "not_one_line"),
        ("Alice\u200bSmith", "not_one_line"),
        ("Alice\ufeffSmith", "not_one_line"),
        ("Alice\U000e0041Smith", "not_one_line"),
        ("Alice\u3164Smith", "not_one_line"),  # a filler: a letter that is not seen
        ("\u2800", "not_one_line"),
        ("\u200c\u200d", "not_one_line"),
        ("\ufe0f\u034f", "not_one_line"),
        ("   ", "not_one_line"),
        ("Alice\x00Smith", "unkeepable"),
        ("see https://evil.example", "address"),
        ("see HTTP:evil", "address"),
        ("see www.evil", "address"),
        ("write to eve@evil", "address"),
        ("see evil.example/now", "address"),
        ("see ｗｗｗ．evil", "address"),
        ("write to eve＠evil", "address"),
        ("see evil\u2024example", "address"),
    ],
)
def test_what_begins_a_line_hides_or_links_is_no_name(name, code):
    with pytest.raises(ValidationError) as refused:
        validate_name(name)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "name",
    [
        "Alice Smith",
        "María-José O’Connor d'Água",
        "Marcel·lí i Domènech, 2nd",
        "Владимир Ё. Ильич",
        "وزير علي",
        "نیم\u200cفاصله",
        "क्\u200dष",
        "ジョン・スミス",
        "בן־ציון ג׳ורג׳".replace("־", "-"),
        "Hawaiʻi Kealoha",
        "Faye Curato Rivera",
        "Grace Cadmin",
    ],
)
def test_names_of_people_in_every_script_are_names(name):
    validate_person_name(name)


ROLES = ["Focal point", "Contributor", "Viewer", "Secretariat officer", "Curator", "Administrator"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            (f"Anna {opened}Bob{closed}", "signs")
            for opened, closed in ("()", "[]", "{}", "<>", "（）", "［］", "⟨⟩", "【】")
        ),
        *((f"Anna {mark}Bob", "signs") for mark in '"“”„‟«»″＂〝〞❝❞ˮʺ״‹›❮❯'),
        ("Anna ''Bob''", "signs"),
        ("Anna ’'Bob", "signs"),
        ("Anna: Bob", "signs"),
        ("Anna | Bob", "signs"),
        ("Anna — Bob", "signs"),
        *((f"Anna {role}", "role") for role in ROLES),
        *((f"Anna, {role.upper()}.", "role") for role in ROLES),
        ("Bob Secretariat", "role"),
        ("Bob UNODC", "role"),
        ("Bob focal-point", "role"),
        ("Bob Secre-tariat", "role"),
        ("Bob Ｓecretariat", "role"),
        ("Bob Sécrétariat", "role"),
        ("Bob Secre\u200dtariat", "role"),
        ("Administrator Bob", "role"),
        ("Anna\u202eBob", "not_one_line"),
        ("Anna\u200bBob", "not_one_line"),
    ],
)
def test_attack_the_name_of_a_person_shows_a_role_or_ends_a_quotation(name, code):
    with pytest.raises(ValidationError) as refused:
        validate_person_name(name)
    assert refused.value.code == code


@pytest.mark.usefixtures("languages_of_tests")
def test_a_role_in_another_language_of_the_site_is_no_name():
    with translation.override(RIGHT_TO_LEFT):
        role = " ".join(re.findall(r"\w+", str(Role.CURATOR.label)))
    assert role != "Curator"
    with pytest.raises(ValidationError, match="Remove the role"):
        validate_person_name(f"Anna {role}")


@pytest.mark.django_db
def test_attack_a_name_with_a_role_is_refused_wherever_it_is_typed(
    client, alice, erin, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(respondent=xaa, email="eve@example.org", role=Role.VIEWER, by=alice)
    client.get(link_in(mailoutbox[0]))
    for name, error in (
        ("Eve ＂Secretariat", "Remove brackets, quotation marks and other signs. Hyphens and apostrophes can stay."),
        ("Eve, focal point", "Remove the role: the site shows it beside the name."),
    ):
        joined = {"name": name, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
        assert client.post("/invitations/accept/", joined).context["form"].errors == {"name": [error]}
        for act in (partial(add_person, email="eve@example.org"), partial(correct_name, user=alice)):
            with pytest.raises(ValidationError) as refused:
                act(name=name, by=erin)
            assert refused.value.message_dict == {"name": [error]}


@pytest.mark.django_db
def test_a_name_is_saved_in_its_normal_form(erin):
    assert add_person(email="eve@example.org", name="Ｅｖｅ Ⅲ\u00a0Smith", by=erin).name == "Eve III Smith"
    assert reread(make_person("ａｄａ")).name == "Ada"


@pytest.mark.django_db
@pytest.mark.parametrize("sign", list('()[]{}<>"“”„«»'))
def test_the_database_refuses_a_person_with_brackets_or_quotation_marks(alice, sign):
    with pytest.raises(IntegrityError, match="person_name_is_plain"), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(name=f"Alice {sign}Smith")


@pytest.mark.django_db
def test_attack_a_name_with_line_breaks_writes_the_first_lines_of_an_official_mail(
    client, alice, erin, xaa, mailoutbox, django_capture_on_commit_callbacks
):
    """Wherever a name is typed: by an invited person, by an administrator, by a focal point for an institution."""
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(respondent=xaa, email="eve@example.org", role=Role.VIEWER, by=alice)
    client.get(link_in(mailoutbox[0]))
    joined = {"name": LINES, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    page = client.post("/invitations/accept/", joined)
    error = "Remove line breaks and invisible characters: only one line of visible text can be saved."
    assert page.context["form"].errors == {"name": [error]}
    with pytest.raises(ValidationError) as refused:
        add_person(email="eve@example.org", name=LINES, by=erin)
    assert refused.value.message_dict == {"name": [error]}
    with pytest.raises(ValidationError) as refused:
        add_institution(respondent=xaa, name=LINES, kind="ministry", by=alice)
    assert refused.value.message_dict == {"name": [error]}
    assert User.objects.filter(email="eve@example.org").exists() is False


@pytest.mark.django_db
def test_the_database_refuses_a_name_with_line_breaks(alice, justice):
    for model, row in ((User, alice), (Institution, justice)):
        for line_break in "\n\r":
            with pytest.raises(IntegrityError), transaction.atomic():
                model._base_manager.filter(pk=row.pk).update(name=f"Alice{line_break}Smith")


@pytest.mark.django_db
def test_a_name_has_at_most_120_characters():
    with pytest.raises(ValidationError):
        User(email="eve@example.org", name="x" * (NAME_LIMIT + 1), password="x").full_clean()


@pytest.mark.django_db
def test_a_name_is_quoted_where_others_read_it_in_mail(xaa, mailoutbox, django_capture_on_commit_callbacks):
    """A name may still be a sentence: the marks say that it is a name."""
    sly = make_person("Your account is blocked", Role.FOCAL_POINT, xaa)
    with django_capture_on_commit_callbacks(execute=True):
        send_invitation(respondent=xaa, email="frida@example.org", role=Role.VIEWER, by=sly)
    assert "“Your account is blocked” (focal point) invites you" in mailoutbox[0].body
