"""The words of the generated world: names, and sentences in six languages that are put together by chance.

Nothing here says anything about a State that exists.
"""

from random import Random
from typing import NamedTuple

from tracker.models.language import Language

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


class LanguageTexts(NamedTuple):
    """The sentences of one language, in which {ministry}, {law}, {year}, {number} and {percent} are filled in."""

    ministries: tuple[str, ...]
    laws: tuple[str, ...]
    measures: tuple[str, ...]
    difficulties: tuple[str, ...]
    assistance: tuple[str, ...]
    reasons: tuple[str, ...]
    practices: tuple[str, ...]
    stop: str = " "


ENGLISH = LanguageTexts(
    ministries=(
        "Ministry of Justice", "Ministry of the Interior", "Ministry of Labour", "Ministry of Foreign Affairs",
        "Office of the Prosecutor General", "National Rapporteur on Trafficking in Persons", "Ministry of Health",
        "Border Guard", "Ministry of Social Affairs", "National Statistical Office",
    ),
    laws=(
        "Law on Trafficking in Persons", "Criminal Code", "Victims of Crime Act", "Labour Inspection Act",
        "Criminal Procedure Code", "National Plan of Action", "Act on the Residence of Foreigners",
    ),
    measures=(
        "The {law} (No. {number} of {year}) makes this an obligation of the {ministry}.",
        "Since {year} the {ministry} has trained {number} officials, {percent} per cent of them outside the capital.",
        "In {year}, {number} victims were identified, and {percent} per cent of them agreed to be assisted.",
        "The {ministry} chairs a working group that has met {number} times since {year}.",
        "A referral mechanism was adopted in {year} and is applied in {number} districts.",
        "Courts decided {number} cases in {year}; in {percent} per cent compensation was ordered.",
        "The {ministry} concluded {number} agreements with neighbouring States under the {law}.",
        "A telephone line that is free of charge receives about {number} calls a year.",
        "The budget for this was raised by {percent} per cent in {year}.",
        "Guidelines of the {ministry} of {year} are used by all {number} regional offices.",
        "The rules were revised in {year}, after {number} interviews with practitioners.",
        "Children are heard by trained officers only, in {number} rooms that were equipped for it in {year}.",
    ),
    difficulties=(
        "Officials change often, so that training must be repeated every year.",
        "Data are kept by {number} authorities and cannot be joined yet.",
        "There are no shelters outside the capital.",
        "Interpreters are lacking for {number} languages.",
        "The {ministry} has {number} posts for this, of which {percent} per cent are vacant.",
        "Requests for mutual legal assistance take {number} months on average.",
        "The draft {law} has been before parliament since {year}.",
    ),
    assistance=(
        "Training of {number} investigators in financial investigation.",
        "Help in drafting the amendments to the {law}.",
        "A database that the {ministry} and the police can share.",
        "An exchange with practitioners of States that have done this.",
        "Model guidelines on identification, and training of trainers.",
    ),
    reasons=(
        "The {ministry} examined this in {year} and found that the {law} already covers it by other means.",
        "It was considered in {year}; constitutional law leaves the matter to the regions.",
        "The number of cases, {number} since {year}, does not justify a body of its own.",
        "The matter is decided by another authority, to which the text was passed on in {year}.",
    ),
    practices=(
        "Survivors take part in the training of judges, which {percent} per cent of the courts asked to have repeated.",
        "Labour inspectors and police visit together; {number} joint visits in {year} found cases that neither knew.",
        "Victims receive one counsellor from the first interview to the end of the trial.",
    ),
)  # fmt: skip

FRENCH = LanguageTexts(
    ministries=(
        "Ministère de la justice", "Ministère de l’intérieur", "Ministère du travail", "Parquet général",
        "Observatoire national de la traite", "Ministère des affaires sociales",
    ),
    laws=("Loi relative à la traite des personnes", "Code pénal", "Plan d’action national", "Code du travail"),
    measures=(
        "Le texte « {law} » (no {number} de {year}) en fait une obligation ({ministry}).",
        "Depuis {year}, {number} agents ont été formés, dont {percent} pour cent hors de la capitale.",
        "En {year}, {number} victimes ont été identifiées ; {percent} pour cent ont accepté une assistance.",
        "Un mécanisme d’orientation, adopté en {year}, est appliqué dans {number} départements.",
        "Les tribunaux ont jugé {number} affaires en {year}, avec indemnisation dans {percent} pour cent des cas.",
        "Un groupe de travail ({ministry}) s’est réuni {number} fois depuis {year}.",
    ),
    difficulties=(
        "Les agents changent souvent et la formation doit être répétée chaque année.",
        "Les données sont tenues par {number} autorités et ne peuvent pas encore être réunies.",
        "Les centres d’hébergement manquent hors de la capitale.",
    ),
    assistance=(
        "Formation de {number} enquêteurs aux enquêtes financières.",
        "Appui à la rédaction des modifications du texte « {law} ».",
        "Une base de données commune aux services concernés.",
    ),
    reasons=(
        "La question a été examinée en {year} : le texte « {law} » y répond déjà par d’autres moyens.",
        "Le nombre d’affaires, {number} depuis {year}, ne justifie pas un organe distinct.",
    ),
    practices=("Chaque victime a un seul référent, du premier entretien à la fin du procès.",),
)  # fmt: skip

SPANISH = LanguageTexts(
    ministries=(
        "Ministerio de Justicia", "Ministerio del Interior", "Ministerio de Trabajo", "Fiscalía General",
        "Relatoría Nacional contra la Trata", "Ministerio de Relaciones Exteriores",
    ),
    laws=("Ley contra la Trata de Personas", "Código Penal", "Plan Nacional de Acción", "Ley de Víctimas"),
    measures=(
        "La norma «{law}» (núm. {number} de {year}) lo establece como obligación ({ministry}).",
        "Desde {year} se ha capacitado a {number} funcionarios, el {percent} por ciento fuera de la capital.",
        "En {year} se identificó a {number} víctimas; el {percent} por ciento aceptó recibir asistencia.",
        "El mecanismo de remisión, aprobado en {year}, se aplica en {number} provincias.",
        "Los tribunales resolvieron {number} causas en {year}, con indemnización en el {percent} por ciento.",
    ),
    difficulties=(
        "El personal cambia a menudo y la capacitación debe repetirse cada año.",
        "Los datos están en manos de {number} autoridades y todavía no pueden unirse.",
        "Faltan intérpretes para {number} lenguas.",
    ),
    assistance=(
        "Capacitación de {number} investigadores en investigación financiera.",
        "Apoyo para redactar las reformas de la norma «{law}».",
    ),
    reasons=(
        "El asunto se examinó en {year}: la norma «{law}» ya lo regula por otros medios.",
        "El número de causas, {number} desde {year}, no justifica un órgano propio.",
    ),
    practices=("Inspectores de trabajo y policía visitan juntos los lugares de trabajo.",),
)  # fmt: skip

RUSSIAN = LanguageTexts(
    ministries=(
        "Министерство юстиции", "Министерство внутренних дел", "Министерство труда", "Генеральная прокуратура",
        "Министерство социальной защиты",
    ),
    laws=("Закон о противодействии торговле людьми", "Уголовный кодекс", "Национальный план действий"),
    measures=(
        "{law} (№ {number}, {year} год) возлагает эту обязанность на соответствующий орган: {ministry}.",
        "С {year} года подготовлено {number} сотрудников, из них {percent} процентов работают вне столицы.",
        "В {year} году выявлено {number} потерпевших, {percent} процентов согласились на помощь.",
        "Механизм перенаправления принят в {year} году и действует в {number} районах.",
        "В {year} году суды рассмотрели {number} дел; компенсация назначена в {percent} процентах из них.",
    ),
    difficulties=(
        "Сотрудники часто меняются, и обучение приходится повторять каждый год.",
        "Данные ведут {number} ведомств, и объединить их пока нельзя.",
    ),
    assistance=(
        "Обучение {number} следователей финансовым расследованиям.",
        "Помощь в подготовке поправок: {law}.",
    ),
    reasons=("Вопрос рассмотрен в {year} году: {law} уже решает его иным способом.",),
    practices=("Потерпевшего от первой беседы до конца процесса сопровождает один специалист.",),
)  # fmt: skip

ARABIC = LanguageTexts(
    ministries=("وزارة العدل", "وزارة الداخلية", "وزارة العمل", "النيابة العامة", "وزارة الشؤون الاجتماعية"),
    laws=("قانون مكافحة الاتجار بالأشخاص", "قانون العقوبات", "خطة العمل الوطنية"),
    measures=(
        "ينص {law} (رقم {number} لسنة {year}) على هذا الالتزام، وتتولى تنفيذه {ministry}.",
        "منذ عام {year} دُرِّب {number} موظفا، يعمل {percent} في المائة منهم خارج العاصمة.",
        "في عام {year} جرى التعرف على {number} ضحية، وقبل {percent} في المائة منهم المساعدة.",
        "اعتُمدت آلية الإحالة في عام {year} وهي مطبقة في {number} منطقة.",
        "نظرت المحاكم في {number} قضية في عام {year}، وأُمر بالتعويض في {percent} في المائة منها.",
    ),
    difficulties=(
        "يتغير الموظفون كثيرا، فيلزم تكرار التدريب كل سنة.",
        "البيانات موزعة على {number} جهات ولا يمكن جمعها بعد.",
    ),
    assistance=("تدريب {number} محققا على التحقيقات المالية.", "المساعدة في صياغة تعديلات {law}."),
    reasons=("نُظر في المسألة في عام {year}، وتبين أن {law} يعالجها بوسائل أخرى.",),
    practices=("يرافق كل ضحية مرشد واحد من المقابلة الأولى إلى نهاية المحاكمة.",),
)  # fmt: skip

CHINESE = LanguageTexts(
    ministries=("司法部", "内政部", "劳动部", "总检察院", "社会事务部"),
    laws=("禁止贩运人口法", "刑法典", "国家行动计划"),
    measures=(
        "《{law}》（{year}年第{number}号）规定由{ministry}承担这项义务。",
        "自{year}年以来，已培训{number}名官员，其中{percent}%在首都以外工作。",
        "{year}年查明{number}名被害人，其中{percent}%同意接受援助。",
        "转介机制于{year}年通过，现适用于{number}个地区。",
        "{year}年法院审结{number}起案件，其中{percent}%判令赔偿。",
    ),
    difficulties=("官员经常调动，培训每年都要重复。", "数据由{number}个机关保存，尚不能合并。"),
    assistance=("对{number}名侦查人员进行金融调查培训。", "协助起草《{law}》修正案。"),
    reasons=("{ministry}于{year}年研究了此事，认为《{law}》已以其他方式作出规定。",),
    practices=("每名被害人从首次询问到审判结束均由同一名顾问陪同。",),
    stop="",
)

BANKS: dict[str, LanguageTexts] = {
    Language.ENGLISH: ENGLISH,
    Language.FRENCH: FRENCH,
    Language.SPANISH: SPANISH,
    Language.RUSSIAN: RUSSIAN,
    Language.ARABIC: ARABIC,
    Language.CHINESE: CHINESE,
}
LANGUAGES, SHARES = (*BANKS,), (45, 17, 14, 8, 9, 7)  # per cent

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


class Writer:
    """Writes in one language, by chance; years are before `until`."""

    def __init__(self, random: Random, language: str, until: int):
        self.random, self.language, self.until = random, language, until
        self.bank = BANKS[language]

    def institution(self) -> str:
        return self.random.choice(self.bank.ministries)

    def act_name(self) -> str:
        return self.random.choice(self.bank.laws)

    def text(self, sentences: tuple[str, ...], least: int = 1, most: int = 1) -> str:
        chosen = self.random.sample(sentences, min(self.random.randint(least, most), len(sentences)))
        return self.bank.stop.join(map(self.fill, chosen))

    def fill(self, sentence: str) -> str:
        return sentence.format(
            ministry=self.institution(),
            law=self.act_name(),
            year=self.random.randint(self.until - 14, self.until - 1),
            number=self.random.randint(3, 480),
            percent=self.random.randint(5, 95),
        )
