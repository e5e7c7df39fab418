import runpy
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.audit import seal
from tracker.documents.submission_json import write_submission_json
from tracker.management.terminal import printable
from tracker.models import Submission

RECOMPUTE = runpy.run_path(str(settings.BASE_DIR / "docs/verify/verify.py"))  # the script that outsiders run
LARGEST = 200 * 1024 * 1024  # bytes; more than a download of 230 answers of the greatest length


class Command(BaseCommand):
    help = (
        "Recomputes the digest of a submission: from its JSON download, or by its verification code from the database. "
        "Exits 0 if the digest is that of the submission; otherwise prints what is wrong and exits 1."
    )

    def add_arguments(self, parser):
        parser.add_argument("submission", metavar="FILE.json|CODE")

    def handle(self, *args, submission, **options):
        found = Submission.everyones.filter(code=submission).first()
        document, wrong = _of_row(found) if found else _of_file(submission)
        if wrong:
            raise CommandError("\n".join(map(printable, wrong)))
        self.stdout.write(f"{document['submission']['reference']} matches: {document['digest']}")


def _of_row(submission: Submission) -> tuple[dict, list[str]]:
    document, wrong = RECOMPUTE["checked"](write_submission_json(submission))
    return document, [*seal.find_errors(seal.read_seal(submission)), *wrong]


def _of_file(path: str) -> tuple[dict, list[str]]:
    try:
        if Path(path).stat().st_size > LARGEST:
            return {}, ["The file is too large for the download of a submission."]
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        return {}, [f"This is neither the verification code of a submission nor a file that can be read: {error}"]
    document, wrong = RECOMPUTE["checked"](text)
    if not wrong and not Submission.everyones.filter(digest=document["digest"]).exists():
        wrong = ["No submission on this site has this digest."]
    return document, wrong
