"""Loosens a training phrasing as people do: chat spelling, a swapped word, one too few or too many, a typing mistake.

It works on a phrasing whose {slots} are still open and leaves those alone, so a sum keeps its numbers and a word its letters.
The evaluation never uses it.
"""

import re

# Words that may stand for each other whatever the question is about.
SWAPS = [(re.compile(rf"(?<![\w'./-]){words}(?![\w'/-])"), instead.split("|")) for words, instead in {
    "what is": "what's|whats|what exactly is|what actually is|wat is|what would be|so what is|tell me what is|what really is",
    "what are": "what exactly are|whatre|what're|wat are|tell me what are|so what are",
    "who is": "who's|whos|who exactly is", "how do i": "how can i|how might i|how do you|how does one|how shall i|how would one|how 2|how do we",
    "how much": "how mutch|exactly how much|roughly how much", "how many": "exactly how many|how meny|about how many",
    "can you": "could you|would you|will you|can u|are you able to|could u|is it possible for you to|might you|please can you|can ya",
    "do you": "do u|d'you|do you actually|do ya|do you really|do you by chance|do you maybe", "are you": "are u|r u|are you really|r you|are ya|are you maybe",
    "tell me": "let me know|just tell me|tell us|pls tell me|kindly tell me|tell me quickly|tell me plainly",
    "give me": "get me|just give me|hand me|gimme|give us|show me", "show me": "let me see|give me|point me to",
    "explain": "clarify|explain to me|please explain|break down|explain in plain words", "please": "pls|plz|kindly|pleas|if you would",
    "i want": "i'd like|i would love|i need|id like|i wanna have|we want", "i would like to": "i'd like to|i'd love to|i want to|i wish to|i wanna|id like to",
    "i want to": "i wanna|i'd like to|i wish to|i am trying to|i need to|we want to|i plan to",
    "i am": "i'm|im|i am just|well i am", "i do not": "i don't|i dont|i really do not|i do just not", "do not": "don't|dont", "does not": "doesn't|doesnt",
    "cannot": "can't|cant|can not", "is not": "isn't|isnt|ain't", "it is": "it's|its", "that is": "that's|thats", "you are": "you're|youre|ur|u are",
    "your": "ur|your own|yr", "you": "u|ya|you", "thanks": "thx|thanx|tnx|thanks", "big": "large|huge|big", "large": "big|huge|large",
    "licence": "license|licence|lisence|licencing", "license": "licence|licensing|lisence", "use": "utilise|work with|use|make use of|employ",
    "start": "start up|fire up|kick off|begin with|start", "run": "execute|run|fire up|get running", "made": "created|produced|made|put together",
    "which": "what|which|wich", "colour": "color|colour", "favourite": "favorite|fave|favourite", "about": "abt|about|regarding",
    "information": "info|details|information", "because": "cause|cuz|because", "want": "wish|want|need", "mean": "mean|signify|stand for",
    "really": "truly|really|rly", "very": "really|super|so|very", "good": "decent|good|fine", "and": "&|and|n", "for": "4|for", "with": "w/|with",
    "pictures": "pics|pictures|images", "photos": "pics|photos|snapshots", "memory": "RAM|memory|mem", "speak": "talk|speak|talk in",
    "written": "writen|written|coded", "price": "pricing|price|cost", "cost": "cost|costs|sell for", "software": "sw|software|program", "server": "serving program|server",
}.items()]

OPENERS = """um|uh|ehm|er|ah|oh|yo|hey|hello|hi there|hey there|good day|listen|look|say|right|alright|alright so|okay so|ok so|ok then|so then|fine|great|cool|nice|
actually|basically|honestly|seriously|first|firstly|first of all|second|also|another thing|one more thing|one more|next|next one|next up|lastly|finally|by the way|btw|
dear model|hey model|model|dear assistant|computer|hey tramontane|mr model|my friend|hey buddy|dude|sir|i have a question|my question|here is my question|quick one|a quick one|
just wondering|i was wondering|i wonder|out of curiosity|i am curious|curious|for my notes|for a friend|my boss asks|my colleague asks|somebody asked me|no idea if you know|not sure if you know|
sorry to bother you|pardon me|forgive me|may i ask|can i ask|could you say|if i may|if you know|remind me|once again|again|wait|hold on|hmm|hmmm|well then|yes and|good|perfect|awesome|got it|i see|thank you|thanks""".replace("\n", "").split("|")
CLOSERS = """pls|plz|please and thank you|kindly|if you can|if you could|if possible|if you know|if you do not mind|if i may ask|would you|will you|could you|can you|right now|real quick|quickly|quick|
at all|actually|exactly|precisely|roughly|though|anyway|really|in fact|today|here|my friend|friend|buddy|mate|dude|man|model|sir|bot|computer|tramontane|haha|lol|hm|huh|eh|ok|okay|right|yes|
i wonder|i am curious|just curious|just asking|asking for a friend|for my notes|for the record|in a word|in short words|in your words|to me|for us|as well|too|once more|then|thx|cheers|thank you|:)|;)|:-)|!!|...|?!""".replace("\n", "").split("|")
SMALL = {"the", "a", "an", "me", "is", "are", "do", "does", "please", "of", "to", "i", "there", "some", "that", "for", "in", "can", "it"}
NEAR = {"a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n",
        "n": "mb", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x"}


def mistype(word, rng):
    """One slip in the middle of a word: two letters swapped, one lost, doubled, or hit beside."""
    if len(word) < 4 or not word.isalpha():
        return word
    i = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2:]
    if kind == 1:
        return word[:i] + word[i + 1:]
    return word[:i] + word[i] + word[i:] if kind == 2 else word[:i] + rng.choice(NEAR.get(word[i], word[i])) + word[i + 1:]


def loosen(phrase, rng, drop=True, talk=True):
    """A looser way to say an open phrasing. `drop`: small words may go. `talk`: words may be put around it."""
    if rng.random() < 0.35:
        fitting = [(pattern, instead) for pattern, instead in SWAPS if pattern.search(phrase)]
        for pattern, instead in rng.sample(fitting, min(len(fitting), rng.choice([1, 1, 2]))):
            phrase = pattern.sub(rng.choice(instead), phrase, count=1)
    words = phrase.split()
    if drop and len(words) > 3 and rng.random() < 0.10:
        small = [i for i, word in enumerate(words) if word in SMALL]
        for i in sorted(rng.sample(small, min(len(small), rng.choice([1, 1, 2]))), reverse=True):
            del words[i]
    if drop and len(words) > 3 and rng.random() < 0.02:
        i = rng.randrange(len(words) - 1)
        if "{" not in words[i] + words[i + 1]:
            words[i], words[i + 1] = words[i + 1], words[i]
    while rng.random() < 0.07:
        i = rng.randrange(len(words))
        if "{" not in words[i]:
            words[i] = mistype(words[i], rng)
        elif rng.random() < 0.5:
            break
    phrase = " ".join(words)
    if talk and rng.random() < 0.10:
        phrase = rng.choice(OPENERS) + rng.choice([" ", " ", ", ", ": "]) + phrase
    if talk and rng.random() < 0.06:
        phrase = phrase + rng.choice([" ", " ", ", "]) + rng.choice(CLOSERS)
    return phrase
