"""The files of the figures of a round: every figure of the pages, the same in CSV and in the workbook."""

import re

import pytest

from tests.conftest import belmara, find_person, find_state, find_unit, make_person, make_state, open_round_for_arandia
from tests.files import rows_of_csv, sheets_of
from tests.submissions import submit_ready
from tracker.actions.record import Answer, save_answer
from tracker.documents import progress as progress_files
from tracker.figures.answers import Progress
from tracker.figures.practices import practices
from tracker.figures.progress import progress_of_others, round_progress
from tracker.models import Respondent, Round
from tracker.models.respondent import RespondentKind, StateGroup
from tracker.models.status import Status
from tracker.models.user import Role

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

ANSWERS = {
    "XAA": {"I.13": "implemented", "IV.46(i)": "not_applicable", "I.7(a)": "considered_not_taken_up"},
    "XBB": {"I.13": "in_progress", "II.4": "considered_not_taken_up"},
}


def submit_answers(respondent, round_, by, **statuses) -> None:
    for label, status in statuses.items():
        reason = {"reasons": "Quetzal", "reason_code": "other" if status == "not_applicable" else ""}
        practice = {"good_practice": status == "implemented", "good_practice_shared": status == "implemented"}
        needed = {"assistance_kinds": ["training", "data"]} if status == "in_progress" else {}
        answer = Answer(status=status, ready=True, **reason, **practice, **needed)
        save_answer(respondent=respondent, unit=find_unit(label), base=0, answer=answer, by=by)
    submit_ready(respondent, round_, by)


@pytest.fixture(scope="module", autouse=True)
def submitted(for_the_module):
    """Two States, one of them with a name that is a formula, and the European Union; each has submitted."""
    round_ = open_round_for_arandia()
    xaa, xbb = find_state("XAA"), belmara()
    Respondent.objects.filter(pk=xaa.pk).update(regional_group=StateGroup.AFRICAN)
    union = Respondent.objects.create(code="EU", name="=European Union", kind=RespondentKind.EUROPEAN_UNION)
    submit_answers(xaa, round_, find_person("alice"), **ANSWERS["XAA"])
    submit_answers(xbb, round_, make_person("charlie", Role.FOCAL_POINT, xbb), **ANSWERS["XBB"])
    submit_answers(union, round_, make_person("ursula", Role.FOCAL_POINT, union), **{"I.13": "not_started"})
    make_state("XCC", "Cormoria")


@pytest.fixture
def found(db):
    return round_progress(Round.objects.get())


@pytest.fixture
def others(found):
    return progress_of_others(found)


def of_csv(found, others) -> list[dict[str, str]]:
    return rows_of_csv(progress_files.csv(found, others))


def figures(lines, kind: str, of: str = "") -> dict[tuple[str, str], tuple[str, str]]:
    """(figure, status) -> (numerator, denominator) of what a row of some kind is about."""
    return {
        (line["figure"], line["status"]): (line["numerator"], line["denominator"])
        for line in lines
        if (line["kind"], line["of"]) == (kind, of)
    }


def expected(progress: Progress) -> dict[tuple[str, str], tuple[str, str]]:
    if not progress.total:
        return {}
    told = {
        ("response_rate", ""): progress.response_rate,
        ("no_information", "no_information"): progress.no_information,
        **{("status", status.value): figure for status, figure in progress.distribution.items()},
        ("considered_where_asked", "considered_not_taken_up"): progress.considered_where_asked,
        ("considered_elsewhere", "considered_not_taken_up"): progress.considered_elsewhere,
    }
    return {key: (str(figure.numerator), str(figure.denominator)) for key, figure in told.items()}


def test_every_figure_of_the_pages_is_in_it(found, others):
    lines = of_csv(found, others)
    assert figures(lines, "overall") == expected(found.overall) | {
        ("submitted", ""): ("2", "3"),
        ("left_out", ""): ("0", "2"),
        ("withdrawn", ""): ("0", "3"),
        ("treaty_status_unconfirmed", ""): ("0", "2"),
    }
    for region in found.by_region:
        submitted_there = {("submitted", ""): (str(region.submitted.numerator), str(region.submitted.denominator))}
        assert figures(lines, "regional_group", region.code) == expected(region.progress) | submitted_there
    parts = {"theme": found.by_theme, "meeting": found.by_meeting, "strength": found.by_strength}
    for kind, parted in parts.items():
        assert {line["of"] for line in lines if line["kind"] == kind} == {part.slug for part in parted}
        for part in parted:
            assert figures(lines, kind, part.slug) == expected(part.progress)
    for part, regions in found.by_theme_and_region:
        for region in regions:
            of_group = [line for line in lines if line["regional_group_name"] == region.of]
            assert figures(of_group, "theme_and_group", part.slug) == expected(region.progress)
    for one in found.by_unit:
        of_unit = figures(lines, "unit", one.unit.label)
        reason = {("reason", "other"): ("1", "1")} if one.unit.label == "IV.46(i)" else {}
        assert of_unit == expected(one.progress) | reason
    assert figures(lines, "respondent", "EU") == expected(others[0][1])


def test_assistance_and_practices_are_in_it_over_all_by_group_theme_and_family(found, others, unit):
    lines = of_csv(found, others)
    african = [line for line in lines if line["regional_group"] == StateGroup.AFRICAN]
    overall = [line for line in lines if not line["regional_group_name"]]
    theme = unit("I.13").primary_theme.slug
    needs, practice = figures(overall, "assistance"), figures(overall, "practices")
    assert {key: told for key, told in needs.items() if told[0] != "0"} == {
        (name, kind): ("1", of)
        for kind in ("", "training", "data")
        for name, of in (("needs", "5"), ("states_in_need", "2"))
    }
    assert practice == {
        ("practices", ""): ("1", "5"),
        ("practices_shared", ""): ("1", "1"),
        ("states_with_practices", ""): ("1", "2"),
    }
    assert figures(african, "assistance")["needs", ""] == ("0", "3")
    assert figures(african, "practices")["practices", ""] == ("1", "3")
    assert figures(lines, "assistance", theme)["needs", "training"][0] == "1"
    assert figures(lines, "practices", theme)["practices_shared", ""] == ("1", "1")
    families = {row.slug: row for row in practices(found).by_family}
    assert {line["of"] for line in lines if line["kind"] == "practices_of_family"} == families.keys()


def test_considered_is_split_in_two_and_no_information_is_separate(found, others):
    told = figures(of_csv(found, others), "overall")
    assert told["status", "considered_not_taken_up"] == ("2", "5")
    assert told["considered_where_asked", "considered_not_taken_up"] == ("1", "5")
    assert told["considered_elsewhere", "considered_not_taken_up"] == ("1", "5")
    assert told["no_information", "no_information"] == ("455", "460")
    assert sum(int(told["status", status][0]) for status in Status.values) == 5


def test_gaps_are_in_the_order_of_the_page(found, others):
    gaps = [line for line in of_csv(found, others) if line["kind"] == "gap"]
    listed = [[line["of"] for line in gaps if line["figure"] == name] for name in ("no_information", "status")]
    not_done = [one.unit.label for one in (*found.most_not_implemented, *found.most_not_applicable)]
    assert listed == [[one.unit.label for one in found.most_unanswered], not_done]


def test_a_row_says_what_it_is_of_when_it_was_counted_and_from_what(found, others):
    line = next(one for one in of_csv(found, others) if (one["kind"], one["of"]) == ("unit", "I.7(a)"))
    unit = next(one.unit for one in found.by_unit if one.unit.label == "I.7(a)")
    assert line["round"] == "2026"
    assert line["of_name"] == unit.text
    assert (line["meeting"], line["strength"], line["asks_to_consider"]) == ("1", unit.strength, "yes")
    assert line["as_at"] == found.at.isoformat(timespec="seconds")
    assert line["source"] == "Submissions of round 2026"


def test_the_standard_notices_are_in_the_first_row(found, others):
    notices = [line["notice"] for line in of_csv(found, others)]
    assert "Self-reported by States; not verified by the Secretariat." in notices[0]
    assert "“Shall” and “should” describe wording, not a legal obligation." in notices[0]
    assert "opinion" in notices[0]
    assert set(notices[1:]) == {""}


def test_no_formula_and_no_words_of_a_state(found, others):
    text = progress_files.csv(found, others)
    assert ",'=European Union," in text
    assert "Quetzal" not in text
    assert "Arandia" not in text
    assert "Belmara" not in text


def test_the_workbook_says_the_same_on_a_sheet_for_each_kind(found, others):
    sheets = sheets_of(progress_files.workbook(found, others))
    about = [row[0] for row in sheets.pop("About")]
    assert list(sheets) == [sheet for sheet, _groups in progress_files.KINDS.values()]
    assert [rows[0] for rows in sheets.values()] == [progress_files.HEADERS] * len(sheets)
    lines = [list(map(str, row)) for rows in sheets.values() for row in rows[1:]]
    of_file = [list(line.values())[: len(progress_files.HEADERS)] for line in of_csv(found, others)]
    assert lines == [[cell.removeprefix("'") for cell in line] for line in of_file]
    assert "Self-reported by States; not verified by the Secretariat." in about


def test_headers_and_codes_are_those_of_the_documentation(settings):
    documented = (settings.BASE_DIR / "docs" / "reference" / "progress-columns.md").read_text()
    columns, kinds, figures_named = (
        re.findall(r"\| `(\w+)`", table) for table in re.split(r"^\| (?:kind|figure) \|", documented, flags=re.M)
    )
    assert columns == [*progress_files.HEADERS, "notice"]
    assert kinds == [*progress_files.KINDS]
    assert figures_named == [*progress_files.FIGURES]
