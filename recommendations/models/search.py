from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations.models.paper import OFFICIAL_LANGUAGES
from recommendations.models.quick_row import QuickRow


class Synonym(QuickRow):
    """Words that people type, and the words of the texts for the same thing. `meanings` has one on each line."""

    words = models.CharField(
        "Words typed",
        max_length=100,
        unique=True,
        help_text="For example: kidney.",
    )
    meanings = models.TextField(
        "Words in the texts",
        help_text="One on each line, as the texts have them. For example: removal of organs.",
    )
    # Translators: Name of a field: the language of a text or of a person.
    language = models.CharField(_("Language"), max_length=3, choices=OFFICIAL_LANGUAGES, default="en")

    class Meta:
        # Translators: Name of a kind of data in the administration: words that a search treats as the same.
        verbose_name = _("Synonym")
        verbose_name_plural = "Synonyms"
        ordering = ["words"]

    def __str__(self):
        return self.words

    @property
    def meaning_list(self) -> list[str]:
        return [line.strip() for line in self.meanings.splitlines() if line.strip()]


class TextKind(models.TextChoices):
    """What a row of the index is of. `key` of the row is the key of a text, group, …, named beside each."""

    TEXT = "text", _("Adopted texts")  # Recommendation
    FAMILY = "family", _("Groups of similar recommendations")  # Family
    THEME = "theme", _("Themes")  # Theme
    PROVISION = "provision", _("Treaty provisions")  # Provision
    PRACTICE = "practice", _("Good practices")  # SubmissionItem
    SUBMITTED = "submitted", _("Submitted answers")  # SubmissionItem
    ANSWER = "answer", _("Answers of your team")  # Record
    COMMENT = "comment", _("Comments")  # Comment
    EVIDENCE = "evidence", _("Evidence")  # Evidence
    SEALED = "sealed", _("Submitted evidence")  # EvidenceVersion


class TextReader(models.TextChoices):
    """Who may read what a row of the index is of, beside the team of its owner."""

    PUBLIC = "public", _("Everyone")
    USERS = "users", _("Users")
    SECRETARIAT = "secretariat", _("Secretariat")
    TEAM = "team", _("Your team")


OF_CATALOGUE = (TextKind.TEXT, TextKind.FAMILY, TextKind.THEME, TextKind.PROVISION)


class IndexedText(QuickRow):
    """The terms of a text, for the search. Each field of terms has them in their order, separated by spaces.

    `owner` is the key of the respondent whose text it is, and `unit` that of the recommendation that it answers.
    `context` are the terms of what stands around the text and is not the text itself: its chapeaux and its guidance.
    `licence` are terms that say who may read it, which the full-text index of the database compares with the others.
    """

    kind = models.CharField(max_length=10, choices=TextKind)
    key = models.BigIntegerField()
    language = models.CharField(max_length=3)
    part = models.PositiveIntegerField(default=0)
    owner = models.BigIntegerField(null=True)
    unit = models.BigIntegerField(null=True)
    readers = models.CharField(max_length=11, choices=TextReader)
    licence = models.CharField(max_length=60)
    title = models.TextField(blank=True)
    heading = models.TextField(blank=True)
    words = models.TextField(blank=True)
    context = models.TextField(blank=True)

    class Meta:
        # The key first: otherwise SQLite reads all rows of a kind, and not those that the full-text index names.
        constraints = [models.UniqueConstraint(fields=["key", "kind", "language", "part"], name="indexed_once")]
        indexes = [models.Index(fields=["owner", "kind", "unit"], name="indexed_of_owner")]

    def __str__(self):
        return f"{self.kind} {self.key}"


class IndexState(QuickRow):
    """How far the index is: `number` is that of the last event of a chain whose texts are in it.

    The chain of the catalogue is "", and its number the stamp of the catalogue. `version` is that of the analyser.
    """

    chain = models.CharField(max_length=20, primary_key=True)
    number = models.BigIntegerField()
    version = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.chain} {self.number}"
