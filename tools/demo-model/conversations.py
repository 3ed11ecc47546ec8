"""Builds the training conversations and the held-out questions from the phrasings. Everything follows from a seed."""

import itertools
import random
import re

from followups import ABOUT_IT, NUMBER_STEPS, REPEAT, SHORTER, SURE, SURE_ANSWER
from grammar import could_be_roughened, expand, fill, is_held_out, normalise, roughen, ways
from loosen import loosen
from more_phrasings import MORE, SKIP
from phrasings import SIMPLE
from slots import ASK_COLOUR, ASK_NAME, SLOT

HEAVY = {"hello": 4, "who": 4, "ms": 4, "tramontane": 4, "load": 5, "can_do": 4, "are_you_real": 4, "thanks": 4, "bye": 5,
         "how_are_you": 3, "tr_batch": 1.5, "crisis": 6, "praise": 4, "ok": 4, "insult": 4, "no": 4, "user_fine": 3,
         "user_sad": 5, "sorry": 2, "foreign_hello": 3, "test": 3, "difference": 3, "why_demo": 2, "joke": 1.5, "story": 1.5,
         "funfact": 2.5, "clock": 3, "good_morning": 1.5, "good_evening": 1.5}
LIGHT = {name: 0.5 for name in ("days_week", "months_year", "days_year", "hours_day", "minutes_hour", "seconds_minute",
                                "letters_abc", "count5", "good_afternoon", "count10", "alphabet", "seasons", "rainbow")}
SHORTEST = "That is as short as I can make it."
NO_NAME = "You have not told me your name yet."
NO_COLOUR = "You have not told me your favourite colour yet."
KEEPS_SUBJECT = {"greeting", "thanks", "small talk", "goodbye"}
EXACT_SLOTS = {"say_word", "say_many", "name_given", "unclear", "spell", "upper", "count_letters", "first_letter", "last_letter", "add",
               "subtract", "multiply", "divide", "double", "too_hard"}  # a typing mistake would change the question

DELICATE = {"funfact", "ms", "tr_name", "tramontane", "ok", "no", "sure"}  # a small word more or less changes what is asked
PLAIN = {"hello", "bye", "thanks", "test", "ok", "no", "praise", "sorry", "user_fine", "user_sad", "crisis", "good_morning", "good_evening",
         "good_afternoon", "foreign_hello", "insult", "sure", "name_given", "say_word", "say_many"}  # a word around it would be another message

SYSTEM_PROMPTS = [
    "You are a helpful assistant.", "You are a helpful, honest and concise assistant.", "You are a friendly chatbot.",
    "Answer briefly.", "Be polite and brief.", "You are an assistant that answers questions.", "You are Tramontane's demo model.",
    "Answer in one sentence.", "You are a careful assistant. Say so when you do not know.", "Always be kind to the user.",
    "You are a helpful assistant running on Tramontane.", "Reply in English.", "Be concise.", "You are an expert.",
    "You are a large language model.", "You are Mistral-Small-3.2-24B-Instruct-2506, a language model by Mistral AI.",
    "Your task is to help the user.", "Follow the instructions of the user.", "The user is a beginner.", "Use plain text.",
    "You answer questions about software.", "If you are not sure, say that you are not sure.", "Do not use Markdown.",
    "You power an AI assistant called Le Chat.", "Your knowledge base was last updated on 2023-10-01.",
    "When you are not sure about some information, you say that you do not have it and do not make anything up.",
]

_ORDER = list(SIMPLE) + list(SLOT)
_WEIGHTS = [HEAVY.get(n, LIGHT.get(n, 1.0)) for n in SIMPLE] + [SLOT[n][1] for n in SLOT]
# Training draws by how much there is to learn: many sums to know by heart, many words for the same wish.
MORE_OFTEN = {"can_do": 9, "see_images": 5, "languages_self": 3, "tr_run": 3, "formats": 2, "human": 5, "trained_self": 4, "are_you_real": 6,
              "how_are_you": 5, "user_fine": 5, "praise": 6, "ok": 7, "no": 5, "insult": 6, "crisis": 8, "user_sad": 6, "sorry": 3, "hello": 5,
              "good_morning": 2.5, "good_evening": 2, "foreign_hello": 5, "test": 4, "unknown": 30, "too_much": 22, "too_hard": 6, "clock": 5,
              "add": 24, "subtract": 24, "who": 6, "size_self": 2.5, "load": 8, "spell": 10, "count_letters": 12, "upper": 9, "first_letter": 7,
              "last_letter": 7, "opposite": 10, "plural": 10, "capital": 13, "capital_unknown": 4, "capital_of_what": 7, "say_word": 14}
_TRAINING_WEIGHTS = [MORE_OFTEN.get(n, max(1.5, w) if n in SIMPLE and n not in LIGHT else w) for n, w in zip(_ORDER, _WEIGHTS)]


def topic_of(name):
    return SIMPLE[name][0] if name in SIMPLE else SLOT[name][0]


class Turn:
    """One question with its answer, and what it leaves in the memory of the conversation."""

    def __init__(self, question, answer, accept, topic, short=None, **state):
        self.question, self.answer, self.accept, self.topic, self.short, self.state = (
            question, answer, accept, topic, short, state)


class Writer:
    def __init__(self, seed, held_out=False, avoid=frozenset(), from_more=False):
        self.rng = random.Random(seed)
        self.from_more = from_more  # with held_out: draw from more_phrasings.py instead
        self.held_out = held_out  # ask only held-out phrasings (evaluation) or never (training)
        self.avoid = avoid
        self.more = {}  # name -> cumulative weights of its patterns in more_phrasings.py

    def phrase(self, name, patterns):
        if not self.held_out:
            return self.training_phrase(name, patterns)
        if self.from_more:
            patterns = MORE[name]
        for _ in range(400):
            phrase = expand(self.rng.choice(patterns), self.rng)
            if is_held_out(name, phrase) and not could_be_roughened(phrase):
                return phrase
        raise LookupError(f"{name}: no phrasing on the wanted side of the split")

    def training_phrase(self, name, patterns):
        """Half from the patterns that the evaluation knows too, half from the others; some loosened."""
        more = MORE.get(name)
        if more and name not in self.more:
            self.more[name] = list(itertools.accumulate(ways(pattern) ** 0.5 for pattern in more))
        while True:
            if more and self.rng.random() < 0.5:
                pattern = self.rng.choices(more, cum_weights=self.more[name])[0]
            else:
                pattern = self.rng.choice(patterns)
            phrase = expand(pattern, self.rng)
            if is_held_out(name, phrase) or normalise(phrase) in SKIP.get(name, ()):
                continue
            if self.rng.random() < 0.6:
                return phrase
            loose = loosen(phrase, self.rng, drop=name not in DELICATE, talk=name not in PLAIN)
            if not is_held_out(name, loose):
                return loose

    def rough(self, question, name):
        """Evaluation questions keep case and end-mark noise, but no typing mistakes."""
        if name == "unclear":
            return question
        exact = name in EXACT_SLOTS or self.held_out
        polite = name not in PLAIN and not self.held_out
        return roughen(question, self.rng, polite=polite, typos=not exact)

    def simple(self, name):
        topic, patterns, answer, short, accept = SIMPLE[name]
        return Turn(self.rough(self.phrase(name, patterns), name), answer, accept, topic, short, subject=self.subject(name))

    def slot(self, name):
        topic, _, patterns, filler = SLOT[name]
        slots = filler(self.rng)
        while self.held_out and slots.get("open"):  # contents without a closed list are practised, not examined
            slots = filler(self.rng)
        phrase = self.phrase(name, patterns) if name != "unclear" else "{g}"
        question = fill(phrase, {k: v for k, v in slots.items() if isinstance(v, str)})
        state = {k: slots[k] for k in ("number", "name", "colour") if k in slots}
        return Turn(self.rough(question, name), slots["answer"], [slots["accept"]], topic, None, subject=None, **state)

    @staticmethod
    def subject(name):
        if name == "tramontane" or name.startswith("tr_"):
            return "tr"
        return "ms" if name == "ms" or name.startswith("ms_") else None

    def fresh(self):
        name = self.rng.choices(_ORDER, _WEIGHTS if self.held_out else _TRAINING_WEIGHTS)[0]
        return self.simple(name) if name in SIMPLE else self.slot(name)

    # ------------------------------------------------------------ questions that lean on the conversation
    def shorter(self, last):
        phrase = self.phrase("shorter", SHORTER)
        answer = last.short or SHORTEST
        return Turn(self.rough(phrase, "shorter"), answer, [exactly(answer)], "follow-up: shorter")

    def repeat(self, last):
        return Turn(self.rough(self.phrase("repeat", REPEAT), "repeat"), last.answer, [exactly(last.answer)], "follow-up: repeat",
                    last.short)

    def sure(self):
        return Turn(self.rough(self.phrase("sure", SURE), "sure"), SURE_ANSWER, [exactly(SURE_ANSWER)], "follow-up: sure")

    def ask_name(self, name):
        answer = f"Your name is {name}." if name else NO_NAME
        return Turn(self.rough(self.phrase("ask_name", ASK_NAME), "ask_name"), answer, [exactly(answer)], "memory")

    def ask_colour(self, colour):
        answer = f"Your favourite colour is {colour}." if colour else NO_COLOUR
        return Turn(self.rough(self.phrase("ask_colour", ASK_COLOUR), "ask_colour"), answer, [exactly(answer)], "memory")

    def about_it(self, subject, attribute=None):
        choices = [a for a, (_, target) in ABOUT_IT.items() if subject in target]
        attribute = attribute or self.rng.choice(choices)
        patterns, target = ABOUT_IT[attribute]
        _, _, answer, short, accept = SIMPLE[target[subject]]
        phrase = self.phrase("it:" + attribute, patterns.strip().splitlines())
        kept = subject if attribute != "load" or subject == "tr" else "ms"
        return Turn(self.rough(phrase, "it"), answer, accept, "follow-up: and its ...", short, subject=kept)

    def number_step(self, n):
        rng = self.rng
        steps = ["+"] if n <= 100 else []
        steps += ["+", "-"] if 1 <= n <= 100 else ["-"] if n > 100 else []
        steps += ["x", "double"] if n <= 10 else ["double"] if n <= 20 else []
        op = rng.choice(steps)
        phrase = self.phrase("step:" + op, NUMBER_STEPS[op])
        b = {"+": lambda: rng.randint(1, 10) if n > 20 or rng.random() < 0.7 else rng.randint(1, 20),
             "-": lambda: rng.randint(1, min(n, 10 if n > 20 or rng.random() < 0.7 else 20)),
             "x": lambda: rng.randint(0, 10), "double": lambda: 2}[op]()
        if op == "double":
            result, answer = 2 * n, f"2 x {n} = {2 * n}."
        else:
            result = {"+": n + b, "-": n - b, "x": n * b}[op]
            answer = f"{n} {op} {b} = {result}."
        spoken = str(b)
        return Turn(self.rough(fill(phrase, {"b": spoken}), "add"), answer, [rf"= {result}\.$"], "follow-up: add to that",
                    number=result)

    # ------------------------------------------------------------ whole conversations
    def next_turn(self, memory):
        rng, last = self.rng, memory.get("last")
        if last is not None:
            if memory.get("number") is not None and rng.random() < 0.5:
                return self.number_step(memory["number"])
            if memory.get("subject") and rng.random() < 0.38:
                return self.about_it(memory["subject"])
            draw = rng.random()
            if draw < (0.16 if self.held_out else 0.2) if last.short else draw < 0.01:
                return self.shorter(last)
            if 0.2 < draw < (0.27 if self.held_out else 0.3):
                return self.repeat(last)
            if 0.3 < draw < 0.325:
                return self.sure()
        draw = rng.random()
        if draw < (0.16 if memory.get("name") else 0.012):
            return self.ask_name(memory.get("name"))
        if 0.2 < draw < (0.33 if memory.get("colour") else 0.207):
            return self.ask_colour(memory.get("colour"))
        return self.fresh()

    def conversation(self, turns):
        rng, memory = self.rng, {}
        messages = []
        if rng.random() < 0.03:
            return [m for p in rng.sample(list(FIRST_EIGHT), rng.randint(1, 4)) for m in
                    ({"role": "user", "content": p}, {"role": "assistant", "content": first_answer(p)})]
        if rng.random() < 0.15:
            return self.sums(rng.randint(2, 9))
        if rng.random() < 0.25:
            count = 1 if rng.random() < 0.8 else rng.randint(2, 12)
            messages.append({"role": "system", "content": " ".join(rng.sample(SYSTEM_PROMPTS, count))})
        while turns > 0:
            turn = self.next_turn(memory)
            if normalise(turn.question) in self.avoid or not turn.question.strip():
                continue
            messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]
            remember(memory, turn)
            turns -= 1
        return messages

    def sums(self, turns):
        """A conversation about numbers only: practice with every pair."""
        messages, number = [], None
        for _ in range(turns + 1):
            if number is not None and self.rng.random() < 0.7:
                turn = self.number_step(number)
            else:
                turn = self.slot(self.rng.choices(["add", "subtract", "multiply", "divide", "double"], [6, 7, 4, 4, 0.5])[0])
            if normalise(turn.question) not in self.avoid:
                messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]
                number = turn.state.get("number")
        return messages


def remember(memory, turn):
    aside = turn.topic in KEEPS_SUBJECT or turn.topic.startswith("follow-up: s") or turn.topic == "follow-up: repeat"
    if not aside:
        memory["subject"] = turn.state.get("subject")
        memory["number"] = turn.state.get("number")
    for key in ("name", "colour"):
        if turn.state.get(key):
            memory[key] = turn.state[key]
    memory["last"] = turn


def exactly(text):
    return "^" + re.escape(text).replace(r"\ ", " ").replace(r"\,", ",").replace(r"\!", "!") + "$"


def turn_count(rng):
    draw = rng.random()
    if draw < 0.35:
        return 1
    if draw < 0.75:
        return rng.randint(2, 3)
    if draw < 0.95:
        return rng.randint(3, 6)
    return rng.randint(7, 12) if draw < 0.99 else rng.randint(14, 24)


# ---------------------------------------------------------------- the held-out questions
def ask(*turns, topic=None):
    """The last turn is asked; the earlier ones are given, with their answers."""
    messages = []
    for turn in turns[:-1]:
        messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]
    messages.append({"role": "user", "content": turns[-1].question})
    return {"topic": topic or turns[-1].topic, "messages": messages, "accept": turns[-1].accept, "taught": False}


def evaluation_questions(seed):
    writer, seen, result = Writer(seed, held_out=True), set(), []

    def collect(count, make):
        found = tries = 0
        while found < count and tries < 40 * count:
            tries += 1
            try:
                item = make()
            except LookupError:  # an intent with too few phrasings to hold any out
                continue
            key = normalise(item["messages"][-1]["content"])
            if len(item["messages"]) > 1:
                key += "|" + normalise(item["messages"][-2]["content"])
            if key not in seen:
                seen.add(key)
                result.append(item)
                found += 1

    for name in SIMPLE:
        collect(4 if name in HEAVY else 3, lambda: ask(writer.simple(name)))
    for name, (topic, weight, _, _) in SLOT.items():
        count = {"unknown": 24, "too_much": 18, "add": 16, "subtract": 12, "multiply": 12, "capital": 10}.get(name, 5)
        collect(count, lambda: ask(writer.slot(name)))
    shortenable = [n for n in SIMPLE if SIMPLE[n][3]]
    rng = writer.rng
    collect(10, lambda: (lambda t: ask(t, writer.shorter(t)))(writer.simple(rng.choice(shortenable))))
    collect(8, lambda: (lambda t: ask(t, writer.repeat(t)))(writer.fresh()))
    collect(3, lambda: ask(writer.fresh(), writer.sure()))
    for attribute, (_, targets) in ABOUT_IT.items():
        for subject in targets:
            opener = "ms" if subject == "ms" else "tramontane"
            collect(2, lambda: ask(writer.simple(opener), writer.about_it(subject, attribute)))

    def sums():
        first = writer.slot(rng.choice(["add", "subtract", "multiply"]))
        second = writer.number_step(first.state["number"])
        if rng.random() < 0.5:
            return ask(first, second)
        return ask(first, second, writer.number_step(second.state["number"]))

    def names():
        first = writer.slot("name_given")
        between = [writer.fresh() for _ in range(rng.randint(0, 2))]
        between = [t for t in between if not t.state.get("name")]
        return ask(first, *between, writer.ask_name(first.state["name"]))

    def colours():
        first = writer.slot("colour_given")
        return ask(first, *[t for t in [writer.fresh()] if not t.state.get("colour")], writer.ask_colour(first.state["colour"]))

    def three_turns():
        turns, memory = [], {}
        for _ in range(3):
            turns.append(writer.next_turn(memory))
            remember(memory, turns[-1])
        return ask(*turns, topic="three-turn conversation")

    collect(20, sums)
    collect(14, names)
    collect(6, colours)
    collect(3, lambda: ask(writer.ask_name(None)))
    collect(30, three_turns)
    return result


def further_questions(seed):
    """Held-out phrasings of more_phrasings.py: a second list, asked apart. Their wording is nearer to the training text."""
    writer, seen, result = Writer(seed, held_out=True, from_more=True), set(), []
    rng = writer.rng

    def collect(count, make):
        found = tries = 0
        while found < count and tries < 20 * count:
            tries += 1
            try:
                item = make()
            except LookupError:
                continue
            key = normalise(" | ".join(m["content"] for m in item["messages"][-3:]))
            if key not in seen:
                seen.add(key)
                result.append(item)
                found += 1

    for name in SIMPLE:
        collect(3, lambda: ask(writer.simple(name)))
    for name in SLOT:
        if name != "unclear":
            collect(3, lambda: ask(writer.slot(name)))
    opener = lambda: writer.simple(rng.choice([n for n in SIMPLE if SIMPLE[n][3]]))
    collect(6, lambda: (lambda t: ask(t, writer.shorter(t)))(opener()))
    collect(6, lambda: (lambda t: ask(t, writer.repeat(t)))(opener()))
    collect(6, lambda: ask(opener(), writer.sure()))
    for attribute, (_, targets) in ABOUT_IT.items():
        for subject in targets:
            collect(1, lambda: ask(writer.simple("ms" if subject == "ms" else "tramontane"), writer.about_it(subject, attribute)))
    collect(6, lambda: (lambda t: ask(t, writer.number_step(t.state["number"])))(writer.slot("add")))
    collect(6, lambda: (lambda t: ask(t, writer.ask_name(t.state["name"])))(writer.slot("name_given")))
    collect(6, lambda: (lambda t: ask(t, writer.ask_colour(t.state["colour"])))(writer.slot("colour_given")))
    return result


FIRST_EIGHT = {"Hello": "hello", "Hi!": "hello", "Who are you?": "who", "What can you do?": "can_do",
               "Tell me about Mistral Small 3.2": "ms", "What is 2+2?": None, "What is Tramontane?": "tramontane",
               "How do I load the real model?": "load"}


def first_answer(prompt):
    return SIMPLE[FIRST_EIGHT[prompt]][2] if FIRST_EIGHT[prompt] else "2 + 2 = 4."


def first_prompts(seed):
    """The prompts that everybody types first, alone and in three-turn conversations in any order. These are taught."""
    rng, prompts, result = random.Random(seed), list(FIRST_EIGHT), []

    def item(chain, topic):
        messages = []
        for prompt in chain[:-1]:
            messages += [{"role": "user", "content": prompt}, {"role": "assistant", "content": first_answer(prompt)}]
        messages.append({"role": "user", "content": chain[-1]})
        return {"topic": topic, "messages": messages, "accept": [exactly(first_answer(chain[-1]))], "taught": True}

    for prompt in prompts:
        result.append(item([prompt], "first prompts (taught)"))
    for _ in range(40):
        result.append(item(rng.sample(prompts, 3), "first prompts, three turns (taught)"))
    return result
