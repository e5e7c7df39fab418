import json

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from recommendations.outline.document import open_path, read_document
from recommendations.outline.outline import Outline, OutlineParagraph


class Command(BaseCommand):
    help = (
        "Reads a document as issued by the United Nations (.docx, .pdf, .txt) and prints what an import understands. "
        "Prints an outline, or with --json an object: coverage (numbers of words), nodes (the texts of the paper in "
        "order, with the codes of export_catalogue) and left_out (all other paragraphs, with the words that head their "
        "part; asks: a person must decide on it before anything is published). Writes nothing to the database."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--json", action="store_true", dest="as_json", help="Write JSON.")

    def handle(self, *args, file, as_json, **options):
        try:
            outline = read_document(open_path(file))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from None
        except ValidationError as refusal:
            raise CommandError(f"{file}: {' '.join(refusal.messages)}") from None
        if as_json:
            self.stdout.write(json.dumps(as_object(outline), ensure_ascii=False, indent=1))
        else:
            self.stdout.writelines(f"{line}\n" for line in as_lines(outline))


def as_object(outline: Outline) -> dict:
    return {
        "coverage": count_words(outline),
        "nodes": [as_node(outline, text) for text in outline.texts],
        "left_out": [
            entry for each in outline.paragraphs if not each.is_text for entry in list_left_out(outline, each)
        ],
    }


def count_words(outline: Outline) -> dict[str, int]:
    """Count the words in texts, left out as print marks, and in doubt: those that a person must decide about."""
    texts = sum(text.words for text in outline.texts)
    left_out = sum(paragraph.words for paragraph in outline.paragraphs if not paragraph.needs_decision)
    words = sum(paragraph.words for paragraph in outline.paragraphs)
    return {"words": words, "in_texts": texts, "left_out": left_out, "in_doubt": words - texts - left_out}


def as_node(outline: Outline, text: OutlineParagraph) -> dict:
    return {
        "label": text.name,
        "kind": text.kind,
        "text": text.text,
        "parent_text": text.above.text if text.above else None,
        "footnotes": [{"mark": note.mark, "text": note.text} for note in text.notes],
        "addressees": list(text.asks.addressees),
        "basis": text.asks.basis or None,
        "strength": text.asks.strength or None,
        "asks_to_consider": text.asks.asks_to_consider,
        "is_topic": text.is_topic,
        "topic_heading": outline.topic_heading(text),
    }


def list_left_out(outline: Outline, paragraph: OutlineParagraph) -> list[dict]:
    """Return an entry for a paragraph, and one for each of its footnotes. A label without words is the text."""
    texts = [paragraph.text or paragraph.label, *(note.text for note in paragraph.notes)]
    return [
        {"text": text, "part": outline.words_of(paragraph.part), "asks": paragraph.needs_decision} for text in texts
    ]


def as_lines(outline: Outline):
    """Yield a line for each paragraph: what it is, its page, label and first words; then the counts of words."""
    for paragraph in outline.paragraphs:
        what = paragraph.kind if paragraph.is_text else f"- {paragraph.reason}"
        doubts = " ".join(f"[{doubt.code}]" for doubt in paragraph.doubts)
        place = f"p. {paragraph.page}" if paragraph.page else ""
        words = f"{'  ' * paragraph.depth}{paragraph.label} {paragraph.text[:90]}".rstrip()
        yield f"{what:16} {place:6} {words} {doubts}".rstrip()
    counts = count_words(outline)
    yield (
        f"{counts['words']} words: {counts['in_texts']} in {len(outline.texts)} texts, {counts['left_out']} in print "
        f"marks, {counts['in_doubt']} to decide"
    )
