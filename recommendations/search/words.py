"""Words that the analyser leaves out, and words that its stemmers do not bring together."""

STOP_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": (
            "a about above after all also an and any are as at be been before being but by can could did do does "
            "etc even for from had has have he her hers him his how i if in inter alia into is it its may me my "
            "no nor not of on or other our out own per shall she should so some such than that the their them "
            "then there these they this those through to too under up upon us very via was we were what when "
            "where whether which while who whom whose why will with would you your get gets got want tell say "
            "says"
        ),
        "fr": (
            "a à afin ainsi au aucun aucune aussi autre autres aux avec ce ces cette ceux comme dans de des donc "
            "dont du elle elles en entre est et etc eu eux il ils je la le les leur leurs lors lui mais même ne "
            "ni nos notre nous on ont ou où par pas pour qu que quel quelle qui sa sans se selon ses si son sont "
            "sur tout toute toutes tous un une vos votre vous y été être"
        ),
        "es": (
            "a al algo alguna algunas alguno algunos ante así aun como con contra cual cuando de del desde donde "
            "e el ella ellas ellos en entre era es esa ese eso esta está están este esto estos etc fue ha han "
            "hasta hay la las le les lo los mas más me mi muy ni no nos o otra otras otro otros para pero por "
            "porque que quien se según ser si sin sobre son su sus también tan un una unas uno unos y ya"
        ),
        "ru": (
            "а без более бы был была были было быть в вам вас во вот все всех вы где да для до его ее если есть "
            "еще же за и из или им их к как ко когда кто ли между мы на над не него нее нет ни них но о об он она "
            "они оно от по под при с со так также такой там то того тоже только том у уже что чтобы это этого "
            "этой этот"
        ),
        "ar": (
            "في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين أن إن ان كان كانت ما لا لم لن قد كل أو او ثم "
            "و بين بعد قبل عند غير حتى منذ هو هي هم كما أي اي أيضا"
        ),
    }.items()
}

# British word: American word, where no rule of endings makes one of the other.
AMERICAN = {
    "analyse": "analyze",
    "analysed": "analyzed",
    "analysing": "analyzing",
    "centre": "center",
    "centres": "centers",
    "centred": "centered",
    "cheque": "check",
    "defence": "defense",
    "offence": "offense",
    "offences": "offenses",
    "licence": "license",
    "licences": "licenses",
    "practise": "practice",
    "practised": "practiced",
    "judgement": "judgment",
    "judgements": "judgments",
    "programme": "program",
    "programmes": "programs",
    "enrol": "enroll",
    "fulfil": "fulfill",
    "fulfilment": "fulfillment",
    "grey": "gray",
    "metre": "meter",
    "skilful": "skillful",
    "ageing": "aging",
    "acknowledgement": "acknowledgment",
}
# Words that double their last letter in British spelling only.
DOUBLED = "cancel|channel|counsel|label|model|signal|total|travel|traveil|marshal|fuel|level|funnel"
# Forms of a word that the stemmer leaves apart.
FAMILIES = {
    "children": "child",
    "women": "woman",
    "men": "man",
    "people": "person",
    "kept": "keep",
    "held": "hold",
    "taken": "take",
    "took": "take",
    "given": "give",
    "gave": "give",
    "paid": "pay",
    "bought": "buy",
    "sold": "sell",
    "lost": "lose",
    "left": "leave",
    "stolen": "steal",
    "sought": "seek",
    "taught": "teach",
    "spoken": "speak",
    "written": "write",
    "wrote": "write",
    "chosen": "choose",
    "forbidden": "forbid",
    "curricula": "curriculum",
    "criteria": "criterion",
    "phenomena": "phenomenon",
    "analyses": "analysis",
    "terrorist": "terrorism",
    "terrorists": "terrorism",
    "vulnerabilities": "vulnerable",
    "vulnerability": "vulnerable",
    "responsibility": "responsible",
    "responsibilities": "responsible",
    "peacekeepers": "peacekeeping",
    "peacekeeper": "peacekeeping",
    "deported": "deport",
    "deportation": "deport",
    "schools": "school",
    "prosecutor": "prosecute",
    "prosecutors": "prosecute",
    "prosecutorial": "prosecute",
    "judicial": "judiciary",
    "statistical": "statistics",
    "medicine": "medical",
    "psychologist": "psychological",
    "trafficker": "trafficking",
    "traffickers": "trafficking",
}
