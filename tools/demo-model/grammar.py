"""Expands phrasings, decides which are held out, and roughens them as people do."""

import math
import re
import zlib

from phrasings import MACROS

HELD_OUT_PERCENT = 10

# The first things that people type are taught, never held out.
FIRST_PROMPTS = ["hello", "hi", "hey", "who are you", "what can you do", "tell me about mistral small 3.2", "what is 2+2",
                 "what is 2 + 2", "what is tramontane", "how do i load the real model", "thanks", "thank you", "bye", "test",
                 "help", "how are you", "good morning", "who is this", "what are you", "tell me a joke", "what is your name",
                 "what is mistral small 3.2", "are you mistral small 3.2", "goodbye", "what's your name", "who made you",
                 "what's up", "what model are you", "hello world", "hello there", "hi there", "ping", "shorter please",
                 "repeat that", "what is my name", "and its licence", "tell me about tramontane", "what's 2+2",
                 "write a poem", "write a haiku", "tell me a story", "{a}+{b}", "{a} + {b}", "what is {a}+{b}", "what is {a} + {b}",
                "what is {a} - {b}", "what is {a}-{b}", "what is {a} * {b}", "what is {a} x {b}", "what is {a} times {b}",
                "what is {a} plus {b}", "what is the capital of {c}", "spell {w}", "my name is {n}",
                "what is the opposite of {w}", "what is the plural of {w}"]


def expand(pattern, rng):
    """Picks one way to say a pattern; {slots} stay open."""
    while True:
        macro = re.search(r"<([A-Z]+)>", pattern)
        if not macro:
            break
        body = MACROS[macro.group(1)]
        pattern = pattern[:macro.start()] + body + pattern[macro.end():]
    while True:  # innermost choices first
        choice = re.search(r"\[([^\[\]]*)\]", pattern)
        if not choice:
            return re.sub(r" +", " ", pattern).strip()
        pattern = pattern[:choice.start()] + rng.choice(choice.group(1).split("|")) + pattern[choice.end():]


def ways(pattern):
    """How many expansions a pattern has, macros included."""
    for name, body in MACROS.items():
        pattern = pattern.replace(f"<{name}>", body)

    def product(text):  # of the counts that stand in it as \x01count\x02
        return math.prod(int(count) for count in re.findall(r"\x01(\d+)\x02", text))

    while choice := re.search(r"\[([^\[\]]*)\]", pattern):  # innermost choices first
        count = sum(product(alternative) for alternative in choice.group(1).split("|"))
        pattern = f"{pattern[:choice.start()]}\x01{count}\x02{pattern[choice.end():]}"
    return product(pattern)


def normalise(text):
    """What counts as the same phrasing: case, spacing and end marks aside."""
    return re.sub(r"\s+", " ", re.sub(r"[?!.,'\"]", "", text.lower())).strip()


PINNED = {normalise(prompt) for prompt in FIRST_PROMPTS}


def is_held_out(name, phrase):
    """The split is by phrasing with its slots still open, so a held-out phrasing is unseen with every filling."""
    key = normalise(phrase)
    return key not in PINNED and zlib.crc32(f"{name}:{key}".encode()) % 100 < HELD_OUT_PERCENT


def could_be_roughened(phrase):
    """Whether a phrasing begins or ends with words that `roughen` may put around a taught one: too near to be examined."""
    key = normalise(phrase)
    return key.startswith(STARTS) or key.endswith(ENDS)


def fill(phrase, slots):
    for key, value in slots.items():
        phrase = phrase.replace("{" + key + "}", value)
    return phrase


PROPER = [(re.compile(rf"(?<![\w/.-]){low}(?![\w/-])"), high) for low, high in [
    ("i", "I"), ("i'm", "I'm"), ("i'd", "I'd"), ("i'll", "I'll"), ("tramontane", "Tramontane"), ("mistral small", "Mistral Small"),
    ("mistral-small-3.2", "Mistral-Small-3.2"), ("mistral ai", "Mistral AI"), ("mistral", "Mistral"), ("gguf", "GGUF"),
    ("openai", "OpenAI"), ("api", "API"), ("c#", "C#"), (".net", ".NET"), ("python", "Python"), ("tekken", "Tekken"),
    ("24b", "24B"), ("french", "French"), ("german", "German"), ("spanish", "Spanish"), ("italian", "Italian"),
    ("english", "English"), ("q4_k_m", "Q4_K_M"), ("q8_0", "Q8_0"), ("llm", "LLM"), ("ai", "AI"), ("chatgpt", "ChatGPT"),
    ("paris", "Paris"), ("gpu", "GPU"), ("cpu", "CPU"), ("linux", "Linux"), ("ram", "RAM"), ("apache", "Apache")]]
QUESTION_WORDS = {"what", "what's", "whats", "who", "when", "where", "why", "how", "which", "is", "are", "can", "could", "do",
                  "does", "will", "did", "was", "were", "in", "under", "am", "may", "should", "must", "has", "have", "and",
                  "would", "with", "on", "of", "if"}
BEFORE = ["please ", "hey, ", "hi, ", "hello, ", "ok, ", "so ", "so, ", "and ", "now ", "well, ", "quick question: ", "one question: ",
          "question: ", "just curious, ", "excuse me, ", "sorry, ", "hm, ", "a question: ", "next question: ", "then ", "by the way, "]
AFTER = [" please", ", please", " thanks", ", thanks", " thank you", " again", " now", " then", " exactly", " by the way", " for me"]

STARTS = tuple(normalise(words) + " " for words in BEFORE)
ENDS = tuple(" " + normalise(words) for words in AFTER)


def roughen(question, rng, polite=True, typos=True):
    """Case, end marks, a word of politeness, now and then a typing mistake."""
    if polite and rng.random() < 0.16:
        question = rng.choice(BEFORE) + question
    if polite and rng.random() < 0.08 and not question.endswith(("please", "thanks", "again", "now", "then")):
        question = question + rng.choice(AFTER)
    style = rng.random()
    if style < 0.72:
        for pattern, proper in PROPER:
            question = pattern.sub(proper, question)
        question = question[:1].upper() + question[1:]
    elif style > 0.975 and typos:
        question = question.upper()
    elif style > 0.87:
        question = question[:1].upper() + question[1:]
    elif style > 0.80:
        question = question.lower() if typos else question
    if not question[-1:] in "?!.":
        asks = question.split()[0].lower().strip(",") in QUESTION_WORDS if question else False
        mark = rng.random()
        if asks:
            question += "?" if mark < 0.66 else "" if mark < 0.9 else "??" if mark < 0.92 else " ?" if mark < 0.95 else "."
        else:
            question += "" if mark < 0.45 else "." if mark < 0.72 else "!" if mark < 0.88 else "?" if mark < 0.98 else "..."
    if typos and rng.random() < 0.03 and len(question) > 8:
        i = rng.randrange(1, len(question) - 2)
        kind = rng.random()
        if kind < 0.4:
            question = question[:i] + question[i + 1] + question[i] + question[i + 2:]
        elif kind < 0.8:
            question = question[:i] + question[i + 1:]
        else:
            question = question[:i] + question[i] + question[i:]
    return question
