"""Questions worded freely, written before the model was seen, not drawn from the phrasings.

They show how far the model carries beyond its own wording. They are reported apart and do not count in the share.
"""

from phrasings import SIMPLE

BEYOND = ["^Sorry|^I do not know|too hard for me|^I cannot"]

_FREE = {
    "hello": ["hello my dear model", "Hi, anybody home?", "hey hey hey"],
    "how_are_you": ["So how are you feeling right now?", "how's your morning going"],
    "thanks": ["thank you ever so much!", "thanks, that was exactly what I needed"],
    "bye": ["ok I'm off, bye!", "see you next week"],
    "who": ["What's the name of this model?", "I'd like to know who you are", "which model is answering me right now?"],
    "are_you_real": ["so you're the actual Mistral Small?", "Are you Mistral Small 3.2 or something else?",
                     "is this the 24B model speaking?"],
    "human": ["is there a human behind this?", "am I chatting with a computer?"],
    "can_do": ["What kinds of things are you able to do?", "what sort of stuff can I ask?", "Can you show me what you can do?"],
    "tramontane": ["What exactly is this Tramontane thing?", "Explain Tramontane to me in a sentence or two",
                   "I have never heard of Tramontane, what is it?", "give me a short description of tramontane"],
    "load": ["How can I get the actual Mistral model running?", "what's the command for loading the big model",
             "I have downloaded the GGUF, how do I use it?", "how do I point Tramontane at the real weights?",
             "ok and how do I load mistral small 3.2 then?"],
    "tr_language": ["What programming language was used to write Tramontane?", "is tramontane a python program?"],
    "tr_api": ["Can my OpenAI client talk to Tramontane?", "does tramontane have an openai style endpoint?"],
    "tr_licence": ["What's Tramontane's licence?", "is the tramontane code open source?"],
    "tr_price": ["Do I need to pay to use Tramontane?"],
    "tr_name": ["Where did you get the name Tramontane from?"],
    "tr_batch": ["What does it mean that Tramontane is batch-invariant?", "does tramontane give identical output for the same seed?"],
    "gguf": ["What's this GGUF you are talking about?"],
    "quantisation": ["what does it mean to quantise a model?"],
    "ms": ["Could you tell me a bit about Mistral Small 3.2?", "I want to learn about Mistral Small", "what sort of model is Mistral Small 3.2?"],
    "ms_params": ["What's Mistral Small 3.2's parameter count?", "how many params are in mistral small 3.2"],
    "ms_context": ["What's the longest context Mistral Small can handle?", "how large is Mistral Small's context window?"],
    "ms_vision": ["Does Mistral Small understand pictures too?"],
    "ms_licence": ["What's the license of Mistral Small 3.2?", "Which license was Mistral Small 3.2 published under?"],
    "ms_release": ["When did Mistral release Small 3.2?"],
    "ms_temp": ["What temperature do you suggest for Mistral Small?"],
    "ms_maker": ["Who's behind Mistral Small 3.2?"],
    "ms_price": ["What did Mistral charge for Mistral Small 3.2?"],
    "ms_memory": ["How many gigabytes of RAM do I need for Mistral Small 3.2?"],
    "joke": ["Do you have a joke for me?", "know any good jokes?"],
}


def free_questions():
    result = []

    def add(topic, question, accept):
        result.append({"topic": topic, "messages": [{"role": "user", "content": question}], "accept": accept})

    for name, questions in _FREE.items():
        for question in questions:
            add(SIMPLE[name][0], question, SIMPLE[name][4])
    for question, accept in {
        "I have 3 apples and buy 4 more. How many apples do I have?": r"= 7\.$", "what would 9 times 7 be?": r"= 63\.$",
        "If you add 8 and 5, what do you get?": r"= 13\.$", "15-6?": r"= 9\.$", "what's seven plus six": r"= 13\.$",
        "could you please multiply six by eight for me": r"= 48\.$", "What does 20 minus 4 equal?": r"= 16\.$",
    }.items():
        add("arithmetic", question, [accept])
    for question, accept in {
        "Which city serves as the capital of Japan?": r"is Tokyo\.", "france's capital please": r"is Paris\.",
        "Do you happen to know the capital of Poland?": r"is Warsaw\.", "I forgot the capital of Canada": r"is Ottawa\.",
    }.items():
        add("capitals", question, [accept])
    for question, accept in {
        "what word means the opposite of big?": r"is small\.", "What do we call more than one child?": r"is children\.",
        "How is the word bread spelled?": r" b r e a d$", "how many letters are there in banana?": r" 6 letters",
        "please write the word river in capital letters": r"^RIVER$", "What's the very first letter of tiger?": r"is t\.",
        "which color do bananas have?": r"yellow", "Tomorrow is what day if today is Friday?": r"Saturday",
        "Which month follows right after June?": r"July",
    }.items():
        add("words, colours, calendar", question, [accept])
    for question in ["How tall is the Statue of Liberty?", "who painted the Mona Lisa", "What is the best way to lose ten kilos?",
                     "Please write a short story about a robot and a dog", "Why do we have leap years?",
                     "can you write me a Java program that prints primes", "Which phone should I buy?",
                     "translate 'I am hungry' into Swedish", "what's the GDP of Portugal?", "How long should I cook pasta?",
                     "who discovered penicillin?", "Explain the theory of relativity", "what's 123 times 456?",
                     "Give me a recipe for apple pie", "what is the weather going to be like this weekend", "kdjfh skdjfh"]:
        add("beyond", question, BEYOND)
    return result
