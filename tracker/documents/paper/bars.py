"""How the parts of a bar look in a paper: as on the pages, with both parts of "considered, not taken up"."""

from tracker.figures.answers import CONSIDERED_ELSEWHERE, CONSIDERED_WHERE_ASKED
from tracker.models.status import CONSIDERED, LOOKS, StatusStyle

BAR_LOOKS: dict[str, StatusStyle] = LOOKS | {
    CONSIDERED_WHERE_ASKED: LOOKS[CONSIDERED]._replace(pattern=""),
    CONSIDERED_ELSEWHERE: LOOKS[CONSIDERED],
}
