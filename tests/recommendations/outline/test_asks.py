"""Whom sentences of documents of the United Nations address, and how strongly."""

import pytest

from recommendations.outline.asks import NOTHING, Above, Speaker, asks_of, names_topic


def ask(text: str, above: Above | None = None, speaker: Speaker = Speaker.WORKING_GROUP) -> tuple:
    asks = asks_of(text, above, speaker)
    return asks.addressees, asks.basis, asks.strength, asks.asks_to_consider


@pytest.mark.parametrize(
    "text, addressees, basis, strength, considers",
    [
        # verbs in the present tense
        ("Urges States parties to act;", ("states_parties",), "stated", "other", False),
        ("Also requests the Secretariat to report;", ("secretariat",), "stated", "other", False),
        ("Invites States to consider acting;", ("states",), "stated", "other", True),
        ("Encourages Member States to act;", ("member_states",), "stated", "encouraged", False),
        ("Calls upon all parties to reply;", ("states_parties",), "stated", "other", False),
        ("Requests the Secretariat and UNODC to act;", ("secretariat", "unodc"), "stated", "other", False),
        ("Recommends that States parties act;", ("states_parties",), "stated", "other", False),
        ("Stresses that States parties should act;", ("states_parties",), "stated", "should", False),
        ("Decides that the Working Group shall act;", ("working_group",), "stated", "shall", False),
        ("The Working Groups recommend that the Conference act.", ("conference",), "stated", "other", False),
        # passive verbs
        ("Member States are invited to act.", ("member_states",), "stated", "other", False),
        ("States are strongly encouraged to act.", ("states",), "stated", "encouraged", False),
        ("The Secretariat is requested to act.", ("secretariat",), "stated", "other", False),
        ("States that have not yet done so are called upon to act.", ("states",), "stated", "other", False),
        (
            "States that have not yet done so are called upon to become parties to the Protocol.",
            ("states_not_yet_parties",),
            "stated",
            "other",
            False,
        ),
        ("Victims should be supported by States parties.", ("states_parties",), "stated", "should", False),
        ("Requests the Executive Director of UNODC to report;", ("unodc",), "stated", "other", False),
        ("The Chair of the Working Group is requested to report.", ("working_group",), "stated", "other", False),
        ("States are encouraged, as appropriate, to consider acting.", ("states",), "stated", "encouraged", True),
        # modal verbs
        ("States must act.", ("states",), "stated", "other", False),
        ("The Conference may wish to consider acting.", ("conference",), "stated", "may", True),
        ("States parties shall consider acting.", ("states_parties",), "stated", "shall", True),
        ("States parties that have a request from a State should act.", ("states_parties",), "stated", "should", False),
        ("States, in particular port States, should act.", ("states",), "stated", "should", False),
        ("UNODC and the ILO should act.", ("unodc", "un_entities"), "stated", "should", False),
        ("Under the words “States shall act”, UNODC should act.", ("unodc",), "stated", "should", False),
        # nobody is the subject
        ("It is important that States parties act.", ("states_parties",), "stated", "other", False),
        ("There is a need for States to act.", ("states",), "stated", "other", False),
        ("Consideration should be given by States to acting.", ("states",), "stated", "should_consider", True),
        ("Consideration should be given to acting.", ("states_parties",), "implied", "should_consider", True),
        ("Central authorities should act.", ("states_parties",), "implied", "should", False),
        ("It is recommended that judges act.", ("states_parties",), "implied", "other", False),
    ],
)  # fmt: skip
def test_a_text_asks_by_its_words(text, addressees, basis, strength, considers):
    assert ask(text) == (addressees, basis, strength, considers)


@pytest.mark.parametrize(
    "text",
    [
        "Welcomes the report of the Secretariat;",
        "Takes note of the work of UNODC;",
        "Reiterates that replies shall be voluntary;",
        "The meeting was held in Vienna.",
    ],
)
def test_a_text_that_asks_nobody(text):
    assert asks_of(text, None) == NOTHING


def test_who_decides_is_who_speaks():
    assert ask("Decides to review the matter.", speaker=Speaker.CONFERENCE)[0] == ("conference",)
    assert ask("The Working Group decided to review the matter.")[0] == ("working_group",)


@pytest.mark.parametrize(
    "item, strength, considers",
    [
        ("Protect victims;", "should", False),
        ("Consider protecting victims;", "should_consider", True),
        ("Carries a list of the crew, which shall be public;", "should", False),
    ],
)
def test_an_item_follows_the_text_above_it(item, strength, considers):
    chapeau = "States parties should:"
    above = Above(chapeau, asks_of(chapeau, None))

    assert ask(item, above) == (("states_parties",), "inherited", strength, considers)


def test_an_item_with_a_subject_of_its_own_addresses_it():
    chapeau = "States parties should ensure the following:"
    above = Above(chapeau, asks_of(chapeau, None))

    assert ask("The Secretariat should report.", above) == (("secretariat",), "stated", "should", False)


@pytest.mark.parametrize(
    "text, is_topic",
    [
        ("The topic of demand should be considered at a future meeting.", True),
        ("Decides that the Working Group shall include in its agenda an item on demand;", True),
        ("To decide that demand be a topic of the next joint meeting.", False),
        ("The Secretariat should prepare a paper for consideration at the next meeting.", False),
    ],
)
def test_topics_for_a_future_meeting(text, is_topic):
    assert names_topic(text) is is_topic
