"""Names, questions and reasons of the generated world. Nothing here says anything about a State that exists."""

from random import Random

from tracker.demo.sentences import SENTENCES

STEMS = (
    "Ald", "Bel", "Car", "Dor", "Esk", "Fal", "Gor", "Hal", "Ist", "Jor", "Kel", "Lor", "Mar", "Nor", "Ost", "Pel",
    "Quen", "Ral", "Sel", "Tam", "Ull", "Val", "Wes", "Yar", "Zel",
)  # fmt: skip
MIDDLES = ("a", "av", "em", "en", "ess", "im", "ir", "on", "or", "ov", "un", "yr")
ENDINGS = ("ara", "dia", "eria", "land", "mark", "ora", "stan", "una", "via", "wen")
FORMS = ("{}", "{}", "{}", "{}", "Republic of {}", "Kingdom of {}", "{} Islands", "Federation of {}")
GIVEN = (
    "Ada", "Amir", "Ana", "Bao", "Carla", "Dmitri", "Elif", "Femi", "Grace", "Hana", "Idris", "Ines", "Jonas", "Kofi",
    "Leila", "Mateo", "Mei", "Nadia", "Omar", "Petra", "Rosa", "Samir", "Tala", "Uma", "Viktor", "Wanda", "Yusuf",
)  # fmt: skip
FAMILY = (
    "Abara", "Aldous", "Belkin", "Carvel", "Dorn", "Ekholm", "Farouk", "Galdo", "Hartov", "Imani", "Jessup", "Kaneda",
    "Lindqua", "Moreau", "Nwosa", "Okafor", "Pellam", "Quiroga", "Rahimi", "Sorensen", "Tamura", "Ustinov", "Varga",
)  # fmt: skip


LANGUAGES, SHARES = (*SENTENCES,), (45, 17, 14, 8, 9, 7)  # per cent

QUESTIONS = (
    "Which article of the law provides for this?",
    "How many cases does the figure cover, and of which year?",
    "Is the measure in force in all regions?",
    "Which body decides, and within what time?",
    "Please say what remains to be done before the target date.",
)
WITHDRAWAL_REASONS = (
    "An annex was missing. The corrected submission follows.",
    "The figures of one ministry were those of the year before.",
)
CHANGES = (
    "New figures",
    "Corrected after a meeting with the ministry",
    "The law was adopted",
    "Shortened",
    "Cleared by the legal adviser",
)


def state_names(random: Random, count: int) -> list[str]:
    plain = [stem + middle + ending for stem in STEMS for middle in MIDDLES for ending in ENDINGS]
    return sorted(random.choice(FORMS).format(name) for name in random.sample(plain, count))


def person_name(random: Random) -> str:
    return f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
