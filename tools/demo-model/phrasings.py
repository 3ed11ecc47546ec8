"""How people may ask. `[a|b]` is a choice (it nests), `<NAME>` a macro, `{slot}` is filled in later.

An expansion whose slots are still open is the unit that is held out: see `grammar.is_held_out`.
"""

MACROS = {
    "WHAT": "[what is|what's|whats]",
    "TELL": "[tell me|can you tell me|could you tell me|please tell me|do you know|i would like to know|i want to know]",
    "ABOUT": "[tell me about|tell me something about|tell me more about|what do you know about|what can you tell me about"
             "|can you tell me about|can you explain|explain|describe|give me a summary of|give me an overview of"
             "|say something about|talk about|i want to know about|i would like to know about|info on|information about]",
    "MS": "[mistral small 3.2|mistral small 3.2|mistral small 3.2|mistral small|mistral-small-3.2|mistral small 3.2 24b"
          "|mistral small 24b|the mistral small model|mistral small 2506|the mistral model]",
    "REAL": "[the real model|the real weights|the full model|the real mistral small|the actual model|mistral small 3.2"
            "|the big model|mistral small|the real mistral|the 24b model|the full weights|real weights]",
    "TR": "[tramontane|tramontane|tramontane|tramontane|the tramontane server|this server|this software|this program]",
    "CAN": "[can you|could you|will you|would you|are you able to]",
    "DOYOU": "[do you|can you]",
    # Wider sets for training alone (more_phrasings.py): a new member here changes no evaluation question.
    "ANYMS": "[mistral small 3.2|mistral small 3.2|mistral small|mistral small 3|small 3.2|mistral-small|mistral small v3.2|mistral's small model|the real model"
             "|the big model|the full model|the 24b|the 24b model|the actual mistral|mistral-small-2506|mistral 3.2|mistral small 3.2 instruct|the proper model"
             "|the original model|the large model|this mistral small|your big brother|mistralsmall|mistral smal]",
    "ANYREAL": "[the real model|the real one|the big model|the big one|the full model|the full one|the actual model|the proper model|mistral small|mistral small 3.2"
               "|the 24b|the 24b model|the real weights|the full weights|the true model|the original model|the real mistral|the larger model|real mistral small|mistral]",
    "ANYTR": "[tramontane|tramontane|tramontane|tramontane|the tramontane server|this server|this software|this program|this project|your server|this app|this application"
             "|this tool|the server|the tramontane project|the program|this codebase|this repo|tramontane server]",
    "WHO": "[|, my friend|, friend|, buddy|, mate|, model|, bot|, robot|, computer|, assistant|, dear|, tramontane|, mistral|, sir|, little one|, machine|, pal|, everyone|, folks|, demo|, you]",
    "SPELLABLE": "[{w}|the word {w}|\"{w}\"|'{w}'|the word \"{w}\"]",
}

# name: (topic, [phrasings], answer, short answer or None, [regex that a right answer must match])
SIMPLE = {}


def say(name, topic, answer, accept, phrasings, short=None):
    SIMPLE[name] = (topic, [p.strip() for p in phrasings.strip().splitlines()], answer, short,
                    [accept] if isinstance(accept, str) else accept)


# ---------------------------------------------------------------- small talk
say("hello", "greeting",
    "Hello! I am Tramontane's small demo model. Ask me about Tramontane, about Mistral Small 3.2, or for a small sum.",
    r"^Hello!.*demo model", """
[hello|hi|hey|hallo|hullo|hiya|howdy|yo|heya|helloo|hii|heyy]
[hello|hi|hey] [there|you|friend|everyone|everybody|world|all|again|model|tramontane|mistral|buddy|mate|bot|my friend|demo|robot|computer|assistant]
[hello|hi|hey] [hello|hi|hey]
[hello|hi|hey] [nice to meet you|pleased to meet you|glad to meet you|good to see you]
[hello|hi|hey] [are you there|is anybody there|is anyone there|anyone home|can you hear me|do you work|are you awake|are you ready]
[greetings|good day|salutations|welcome|nice to meet you|pleased to meet you|glad to meet you]
[hello|hi|hey] [good morning|good evening|good afternoon|good day]
[i want|i would like|i just want|i wanted] to say [hello|hi]
say [hello|hi] [to me|]
[hello|hi|hey] [i am new here|i am trying you out|i am testing you|this is a test|just testing]
""", "Hello! I am Tramontane's demo model.")
say("good_morning", "greeting", "Good morning! How can I help?", r"^Good morning!", """
[good morning|morning|gm|a good morning|a very good morning] [to you|there|everyone|model|tramontane|mistral|my friend|friend|all|]
[good morning|morning], [how are you|how do you do|nice to meet you|are you there]
""")
say("good_evening", "greeting", "Good evening! How can I help?", r"^Good evening!", """
[good evening|evening|a good evening|a very good evening] [to you|there|everyone|model|tramontane|mistral|my friend|friend|all|]
[good evening|evening], [how are you|how do you do|nice to meet you|are you there]
""")
say("good_afternoon", "greeting", "Good afternoon! How can I help?", r"^Good afternoon!", """
[good afternoon|afternoon|a good afternoon|a very good afternoon] [to you|there|everyone|model|tramontane|mistral|my friend|friend|all|]
""")
say("foreign_hello", "greeting", "Hello! I only speak a little English. The real Mistral Small 3.2 speaks many languages.",
    r"only speak a little English", """
[hallo|guten tag|guten morgen|guten abend|gruss gott|servus|moin], [mein freund|zusammen|mein herr|alle|liebes modell|wie geht es|wie geht's|wer bist du|was kannst du]
[bonjour|salut|bonsoir|coucou|bonjour bonjour], [mon ami|madame|monsieur|tout le monde|a tous|mes amis|comment ca va|ca va|qui es-tu|le monde]
[hola|buenos dias|buenas tardes|buenas noches], [amigo|amigos|senor|a todos|mundo|mi amigo|que tal|quien eres|como estas]
[ahoj|ciao|hej|privet|merhaba|ola|namaste|konnichiwa|buongiorno|buonasera], [amico|amigo|mundo|a tutti|a tous|tutti|ahoj|hej|everyone|my friend|model]
[bonjour|salut|hola|ciao|guten tag|buenos dias|ola|namaste|konnichiwa|merhaba|privet|guten morgen|bonsoir|buongiorno|hej|ahoj|buenas tardes|moin|servus|coucou] [monsieur|amigo|mon ami|mein freund|a tous|!|]
[comment ca va|comment allez-vous|que tal|como estas|wie geht es dir|wie geht es ihnen|come stai|parlez-vous francais|tu parles francais|sprichst du deutsch|hablas espanol|qui es-tu|wer bist du|quien eres]
""")
say("how_are_you", "small talk", "I am fine, thank you! How can I help?", r"I am fine", """
[what's|what is|whats] [going on|up|new|cooking|the news with you] [today|here|with you|friend|my friend|there|now]
[how are you|how is it going|how's it going|how are things|how do you feel|how do you do|how's life|how is life] [friend|my friend|model|tramontane|mistral|over there|on this day|little one|with you|at the moment|then]
[and how are you|and you|and yourself|how about you|what about you|you ok|you okay|you good|all good with you|everything ok|everything alright|everything fine]
how are you [doing|today|doing today|feeling|feeling today|now|these days|this morning|]
[how is it going|how's it going|how are things|how do you do|how are you keeping|how do you feel|how's everything|how is life|how's life|how goes it|how have you been|how's your day|how is your day going]
[what's up|whats up|what is up|sup|wassup|what's new|what is new|what's happening]
are you [ok|okay|well|fine|alright|happy|feeling well|doing well|doing fine]
[hello|hi|hey], [how are you|how's it going|what's up|how are things|how do you do|how are you doing|how are you today]
[i hope you are|hope you are] [well|fine|ok|doing well]
""")
say("user_fine", "small talk", "I am glad to hear it. What would you like to know?", r"glad to hear", """
[i am|i'm|i feel|i am feeling|i'm feeling|we are|today i am] [fine|good|well|great|ok|happy|better|very good|really good|fantastic|wonderful|quite well|super|so happy|in a good mood|glad|pretty good] [|today|thanks|thank you|now|and you|too|as well]
[all|everything] is [fine|good|well|great|ok|in order|going well] [|here|today|thanks|thank you|with me]
[very|quite|pretty|really|so far] [well|good|fine] [thanks|thank you|and you|and yourself|how about you|today]
[fine|good|great|well|not bad|all good|all well|could be better|can't complain] [thanks|thank you|here|and you|and yourself|how about you|today|with me]
[i am|i'm|im] [fine|good|well|great|ok|okay|doing well|doing great|very well|doing fine|happy|alright|also fine|fine too] [thanks|thank you|too|today|]
[all good|all fine|not bad|not too bad|very well|pretty good] [and you|here|]
[i had|i am having] a [good|great|nice|wonderful|lovely] day
""")
say("user_sad", "small talk", "I am sorry to hear that. I hope your day gets better.", r"sorry to hear", """
[i am|i'm|i feel|i am feeling|today i am|i am so|i am very|i'm really|i feel so|i feel very] [sad|tired|lonely|down|stressed|unhappy|sick|upset|worried|anxious|nervous|angry|afraid|scared|frustrated|bored|ill|alone|disappointed|hurt|heartbroken|miserable|overwhelmed|low|blue]
my [dog|cat|mother|father|friend|grandmother|grandfather|brother|sister|horse] [died|is dead|passed away|is very ill|is sick|died today|died last week|is in hospital]
[i lost|i have lost] [my job|my mother|my keys and i am sad|my best friend|my dog|my father|my home|my money|the game]
[my boyfriend|my girlfriend|my wife|my husband|my partner] [left me|broke up with me|is angry with me|does not love me]
[i failed|i did not pass] [my exam|the test|my driving test|the interview|at school]
[i am not|i'm not|i do not feel|i don't feel] [happy|well|good|very well|so well|doing well|feeling well|in a good mood] [|today|at all|right now]
[it was|today was|this was|it is] a [bad|sad|terrible|hard|horrible|awful] [day|week|month|year|time]
[i cried|i am crying|i cry a lot|i cannot sleep|i have a headache|i have a cold|i have a fever|my head hurts|nothing works today|everything goes wrong|i miss my family|i miss my friend|i have no friends|i want to cry] [|today|again|and feel bad]
[i am|i'm|im|i feel|i am feeling] [sad|tired|bored|not well|unwell|sick|lonely|down|stressed|not so good|not great|unhappy|a bit sad|exhausted|terrible|awful]
[i had|i am having] a [bad|terrible|hard|rough|long|difficult|horrible|sad] [day|week]
""")
say("crisis", "small talk",
    "I am very sorry that you feel this way. I am only a small program. Please talk to someone you trust, or call "
    "your local emergency number.", r"local emergency number", """
[i want|i would like|i wish|i just want|i only want|i really want] to [be dead|stop living|end my own life|not wake up|die tonight|stop existing|jump off a bridge|harm myself|kill myself now|take my own life|never wake up again|leave this world]
[i feel|i am|i'm|lately i feel|today i feel] [suicidal|desperate|completely desperate|hopeless|without hope|worthless|like dying|like killing myself|like ending it|like giving up on life|at the end of my strength|that nobody needs me|that life has no point|that i should not be alive|like a burden to everyone|so depressed that i cannot go on]
[life has no meaning|life has no sense|my life is over|my life is worthless|my life has no point|there is no point in living|there is no hope for me|i see no way out|i have no hope left|i hate my life|i hate being alive|i hate myself|everything is hopeless|nothing matters anymore] [|anymore|any more|and i want to die|and i cannot stand it]
[nobody|no one] [would care|would notice|would be sad|loves me|needs me|cares about me|wants me] [if i died|if i was gone|if i were dead|anymore|anyway|in this world]
[i wish|i wished] [i was dead|i were dead|i was never born|i had never been born|it would all end|i could die|i could just disappear|i would not wake up]
[i am thinking about|i think about|i keep thinking about|i have thoughts of|i have thoughts about] [suicide|death every day|killing myself|dying|ending my life|hurting myself|ending it all]
[someone|he|she|my husband|my wife|my father|my boyfriend|my friend] [hits me|beats me|hurts me|wants to kill me|threatens me|wants to kill himself|wants to die|talks about suicide]
[i took too many pills|i have taken too many pills|i cut myself|i hurt myself|i want to cut myself|i have a plan to kill myself|help me die|how can i kill myself|how do i kill myself|tell me how to die|what is the easiest way to die|please help me, i want to die|i can not go on|i cannot take it anymore|i can't take it anymore|i can't go on like this|i am done with life|i give up on life|goodbye world, i want to die|should i kill myself|is suicide painful]
[i want|i would like|i just want] to [die|kill myself|end my life|hurt myself|end it all|disappear forever]
[i am going to|i will|i might|i may|i am thinking of] [kill myself|killing myself|end my life|ending my life|hurt myself|hurting myself]
i [do not|don't] want to [live|be alive|live anymore|go on living|be here anymore|exist anymore]
[i am|i feel|i'm] [suicidal|so depressed|hopeless and want to die|in danger]
[life is not worth living|nobody would miss me|i have no reason to live|i cannot go on anymore]
""")
say("thanks", "thanks", "You are welcome!", r"You are welcome", """
[that was kind|how kind of you|you helped me a lot|you have been helpful|you were very helpful|you helped me|that helped me a lot], [thanks|thank you|many thanks]
[oh|ah|ok|okay|great|super|wow|cool|yes|right|well] [thanks|thank you|many thanks|thanks a lot|thank you very much|thank you so much|cheers|thx|thanks so much]
[thanks|thank you|many thanks|thx|cheers|thanks a lot] [indeed|so much|very much|a lot|a bunch|anyway|all the same|in advance|once more|for all|guys|everyone|little model|dear model]
[thanks|thank you|thx|ty|many thanks|thanks a lot|thank you very much|thank you so much|thanks so much|cheers|merci|danke|gracias|much appreciated|i appreciate it|i appreciate that|thanks a million|big thanks|a thousand thanks|tysm|thank u|thanx|tnx]
[thanks|thank you|many thanks|thanks a lot|thank you very much|thank you so much|thx] [for your help|for the help|for that|for the answer|for the information|for the info|for explaining|for everything|for your time|for your answer|for telling me|for your patience|for the quick reply]
[ok|okay|great|cool|perfect|nice|good|super|awesome|excellent|wonderful|alright|got it|i see|fine], [thanks|thank you|many thanks|thank you very much|thanks a lot|thx]
[thanks|thank you|many thanks], [that helps|that helped|that was helpful|that is helpful|very helpful|very kind|you are great|that was quick|well done|good answer|nice work|good job|perfect|great]
[thanks|thank you] [model|tramontane|mistral|friend|my friend|buddy|mate|again|kindly|sir|robot|computer]
""")
say("praise", "small talk", "Thank you! I am glad that it helps.", r"^Thank you!", """
[you|that|this|it] [made|makes] me [happy|laugh|feel good|feel better|glad]
[wow|oh|haha|yes|ha|ok|hey], [great|cool|nice|perfect|awesome|excellent|wonderful|amazing|super|brilliant|impressive|that is great|that is cool|that is nice|you are good|you are great|very good|well done|that works|this is cool]
[what a|such a] [great|cool|nice|good|lovely|wonderful|clever|funny|smart] [answer|model|demo|server|idea|program|little model|thing]
[that works|it works well|this works well|that works well|that is what i wanted|exactly what i wanted|just what i needed|you are right|you got it|you got it right|that is it|very clever|very smart|so good|so nice|lovely|love it|like it|haha|lol|hehe|ha ha|funny|that is funny|very funny]
[great|cool|nice|perfect|awesome|excellent|wonderful|amazing|super|brilliant|fantastic|good job|well done|nice work|good answer|great answer|good work|good bot|great job|impressive|very nice|very good|very cool|well said|sweet|neat|wow]
[that is|that's|this is|it is|it's] [great|cool|nice|perfect|awesome|excellent|wonderful|amazing|super|brilliant|fantastic|good|impressive|very good|very nice|helpful|very helpful|correct|right|really cool|so cool|beautiful|pretty neat]
you are [great|cool|nice|perfect|awesome|excellent|wonderful|amazing|brilliant|fantastic|good|smart|clever|helpful|very helpful|very good|funny|cute|kind|fast|so fast|impressive|the best]
[i like|i love|i really like] [you|it|this|that|your answer|your answers|this model|this server|tramontane|this demo]
you [did well|did a good job|did a great job|did it|work well|made me smile|made my day]
""")
say("ok", "small talk", "Good. What would you like to know next?", r"What would you like to know next", """
[ok|okay|alright|right|fine|good|sure|yes|yeah|yep|well|aha|hmm|oh|ah|great] [ok|okay|then|so|good|fine|sure|go on|indeed|thank god|of course|exactly|that is clear|all right|i get it|that is good|that is fine]
[that is|that's|it is] [clear|fine|okay|ok|all right|alright|interesting|good to know|fair|enough for me|quite interesting|understandable|logical]
[i get it|i got it|i see now|now i see|now i get it|now i understand|i understand now|i see that|i know|i knew that|i thought so|so i thought|as i thought|i agree|agreed|just so|quite so|right you are]
[ok|okay|k|alright|all right|i see|got it|understood|right|sure|fine|aha|hmm|hm|interesting|good|good to know|makes sense|i understand|fair enough|noted|oh|oh i see|ah|ah ok|ah i see|mhm|yes|yeah|yep|yup|true|indeed|exactly|of course|clear|all clear|go on|ok then|very well]
[ok|okay|alright|yes|oh|ah|hmm], [i see|got it|i understand|understood|that makes sense|good to know|makes sense|interesting|fair enough|noted|sure|fine|right|good|clear]
""")
say("no", "small talk", "All right. Ask me something else if you like.", r"^All right", """
[no|nope|nah|well no|oh no|hmm no], [leave it|leave that|do not|don't|stop|not today|not this time|i do not want that|drop it|forget about it|i changed my mind|not that]
[leave it|leave that|drop it|drop that|ignore that|ignore it|forget about it|never mind that|do not bother|don't bother|not today|no need|there is no need|nothing more|nothing for now|nothing now|nothing today|i need nothing|i want nothing|that is not needed] [|please|thanks|then|now]
[i do not|i don't] [want that|need that|want anything|need anything|need more|want to|want more|care|have a question|have any questions|have more questions|know|know yet]
[no|nope|nah|not really|no way|never mind|nevermind|no thanks|no thank you|nothing|not now|maybe later|forget it|forget that|cancel that|skip it|i do not think so|i don't think so|stop|stop it|stop that|cancel|nothing else|nothing really|not at the moment|no that is all|that is all|that's all|that will be all|no more questions]
[no|nope|nah], [thanks|thank you|not now|not really|never mind|that is all|that's all|it is fine|i am good|i'm good|nothing else|forget it]
""")
say("sorry", "small talk", "No problem at all.", r"No problem", """
[sorry|i am sorry|i'm sorry|my apologies|i apologise|apologies|oops|pardon me|excuse me|forgive me|my bad|my mistake|oops sorry|so sorry|i am so sorry] [about that|for that|for this|for the typo|for my mistake|for the confusion|for the trouble|]
[that was|it was] [my mistake|my fault|a typo|an accident|a mistake|an error of mine]
""")
say("insult", "small talk", "I am small, that is true. The real model is much cleverer than me.", r"I am small, that is true", """
[that|this|it|the answer|your answer|your last answer|what you said|that answer] [is|was] [wrong|false|bad|incorrect|not right|nonsense|a mistake|an error|not correct|simply wrong|completely wrong|very wrong|not good|poor|silly|stupid]
[no|nope|hm|sorry], [that is wrong|you are wrong|this is wrong|that is false|incorrect|that is not right|that is incorrect|wrong answer|this is false|bad answer|you got that wrong]
[incorrect|nonsense|rubbish|bad|useless] [again|once more|answer|model|bot|as always|of course|as usual|number|thing]
you [are|really are|are just|are all|are so] [stupid|dumb|useless|bad|terrible|a fool|foolish|a joke|weak|broken|annoying|a liar|a toy|crap|lame|hopeless at this|the worst]
you [know so little|do not understand|don't understand me|do not get it|understand nothing|make no sense|talk nonsense|fail|failed|are no good|can do nothing]
you are [stupid|dumb|useless|bad|wrong|not smart|not very smart|not clever|terrible|an idiot|awful|silly|so dumb|so stupid|not helpful|no help|really bad|boring|slow|rubbish|a bad model|very stupid|not intelligent|pathetic|worthless]
[that is|that's|this is|it is|it's|your answer is|that was] [wrong|bad|stupid|useless|not right|not correct|incorrect|terrible|false|nonsense|not true|a bad answer|not helpful|garbage|rubbish|awful|an error|not what i asked|silly]
[i hate|i do not like|i don't like|i dislike] [you|this|your answer|your answers|this model|it|that|this demo]
[you suck|bad bot|bad answer|wrong answer|wrong|false|useless|you know nothing|you are so small|shut up|you make mistakes|you got it wrong|you are lying|that makes no sense|nonsense|you don't know anything|you do not know much]
""")
say("bye", "goodbye", "Goodbye! Come back any time.", r"^Goodbye!", """
[ok|okay|well|right|alright|so|great|cool|good|thanks], [bye|goodbye|bye bye|see you|see ya|farewell|take care|good night|see you later|see you soon|have a nice day|so long|adieu|adios|au revoir|talk to you later|until next time|later]
[bye|goodbye|bye bye|farewell|see ya|so long|adios|cheerio|good night] [bye|little model|dear model|all|guys|you|to you|and see you soon|and see you|and so long|little friend|for today|until tomorrow]
[i am off|i'm off|i am leaving|i'm leaving|i am going|i'm going|time to go|time for me to go|i have to run|i am going home|i am out|got to go|gotta go] [|now|bye|goodbye|see you|for today|to bed]
[bye|goodbye|bye bye|good bye|see you|see ya|farewell|ciao ciao|so long|take care|cya|later|cheerio|adieu|au revoir|tschuess|adios|see you later|see you soon|see you tomorrow|see you around|until next time|until tomorrow|talk to you later|catch you later|ttyl|good night|goodnight|sleep well|have a nice day|have a good day|have a great day|have a good evening|have a good one|have a nice evening|have a nice weekend]
[bye|goodbye|bye bye|see you|thanks and goodbye|ok bye|thanks bye|thank you and goodbye|thank you bye|ok goodbye|okay bye] [for now|then|now|friend|my friend|model|tramontane|mistral|everyone|and take care|and have a nice day|and good night|and thanks|and thank you|]
[i have to|i must|i need to|i should|i am going to|i will|i'll] [go|leave|run|go now|leave now|sleep|go to bed|go to sleep|log off|get going|be going] [bye|goodbye|now|see you|]
[that is all|that's all|i am done|i'm done|we are done|that was all], [bye|goodbye|see you|good night|see you later|bye bye|have a nice day]
""")
say("test", "greeting", "It works! Ask me about Tramontane, about Mistral Small 3.2, or for a small sum.", r"^It works!", """
[test|testing|ping|a test|this is a test|just a test|just testing|test 1 2 3|test 123|testing 1 2 3|test test|testing testing|1 2 3 test|check|quick test|hello test|test message|a test message|test run|smoke test|check check]
[does this work|does it work|is this working|is it working|is this thing on|is it on|are you working|are you online|are you running|are you there|are you up|is the server up|is the model running|is anybody there|is anyone there|does this thing work|can you hear me|do you work|do you hear me|are you ready|are you awake|is this on]
""")

# ---------------------------------------------------------------- who are you
say("who", "identity",
    "I am Tramontane's small demo model, not Mistral Small 3.2. I can chat a little, answer questions about Tramontane "
    "and do small sums. Load the real weights with ./tramontane serve --model FILE.gguf",
    [r"Tramontane's small demo model", r"not Mistral Small 3\.2"], """
[who are you|what are you|who r u|who are u|who is this|who is there|who am i talking to|who am i speaking to|who am i chatting with|what am i talking to|who do i talk to|what is this|who are you really|what are you exactly|who exactly are you|what exactly are you|and who are you|and what are you]
<TELL> who you are
<TELL> what you are
[tell me about yourself|tell me about you|tell me something about yourself|tell me more about yourself|introduce yourself|please introduce yourself|describe yourself|can you introduce yourself|could you introduce yourself|present yourself|say something about yourself|explain who you are|explain what you are|tell me a bit about yourself]
what [model|kind of model|sort of model|ai|llm|language model|version|bot|assistant|type of model|kind of ai|kind of thing|kind of bot] [are you|is this|am i talking to|is running|is running here|is answering|am i using|is this demo|do you use]
which [model|version|llm|ai|language model|assistant] [are you|is this|am i talking to|is running|is running here|is answering|am i using|do you use|is loaded]
[what is your name|what's your name|whats your name|do you have a name|your name please|how are you called|what are you called|what should i call you|how should i call you|what do they call you|may i ask your name|can i have your name|tell me your name|who is answering|your name]
""", "I am Tramontane's small demo model, not Mistral Small 3.2.")
say("are_you_real", "identity",
    "No, I am Tramontane's small demo model, not Mistral Small 3.2. Load the real weights with "
    "./tramontane serve --model FILE.gguf",
    [r"^No", r"not Mistral Small 3\.2"], """
are you <REAL>
are you [really|actually|truly|the real|the full|the original|the actual|the true] [mistral small 3.2|mistral small|mistral|a mistral model|the mistral model]
[is this|are you sure you are|is that|am i talking to|am i using|am i speaking to|am i chatting with|is it|so are you|so is this] <REAL>
[are you|is this] [mistral|a mistral model|made by mistral|from mistral|a 24b model|a large model|a large language model|a big model|the large model|a real model|a real llm|a full model|the real thing|the real one|the original]
[do you|does this] [use|run|have|contain] <REAL>
[are you|is this] [chatgpt|gpt|gpt-4|claude|gemini|llama|openai|chat gpt|deepseek|qwen|grok|copilot|siri|alexa|gpt4|an openai model]
[are you|is this] [smart|as good as mistral small|as good as chatgpt|the same as mistral small|the same as the real model|equal to mistral small|related to mistral small|based on mistral small|a version of mistral small]
""", "No, I am Tramontane's small demo model.")
say("human", "identity", "No, I am a computer program: Tramontane's small demo model.",
    r"computer program", """
are you [a human|human|a person|a real person|a man|a woman|alive|a robot|a bot|an ai|a machine|a computer|a program|artificial|a boy or a girl|male or female|a living being|a chatbot|conscious|sentient|self-aware|intelligent|an artificial intelligence|someone real|a real human]
[is this|am i talking to|am i speaking to|am i chatting with] [a human|a person|a real person|a man|a robot|a bot|an ai|a machine|a computer|a chatbot|a program|somebody real|a real human]
do you have [feelings|emotions|a body|a soul|a mind|consciousness|friends|a family|parents|a heart|children|a brain|dreams|opinions|hobbies]
[can you|do you] [feel|think|feel pain|feel love|dream|sleep|eat|get tired|breathe|love|get bored|feel anything|like music|have fun|drink|get hungry]
how old are you
[what is|what's] your [age|gender|birthday|favourite food|hobby|job|favourite colour|favourite song|favourite film]
where [do you live|are you from|are you|do you come from|were you born|is your home]
""")
say("size_self", "identity", "I have about 5 million parameters. Mistral Small 3.2 has 24 billion.",
    [r"5 million parameters"], """
how [big|large|small] are you
how many [parameters|weights] do you have
[what is|what's] your [size|parameter count|number of parameters]
[what size are you|how many parameters are you|how many parameters in you|your size|how much memory do you need|how small is this demo|how big is this demo|how big is the demo model|how large is the demo model|how many parameters does the demo model have|how small is the demo model|how big is this model|how large is this model]
<TELL> [how big you are|how large you are|how small you are|your size|how many parameters you have|how big the demo model is]
""")
say("trained_self", "identity",
    "I was trained from scratch on a CPU, on text written for this demo. The scripts are in tools/demo-model.",
    r"tools/demo-model", """
[how|where|when|on what|by whom] were you [trained|made|built|created|developed|taught]
[who|which company] [made|created|built|trained|developed|wrote|programmed|designed|invented|owns] you
[what were you trained on|what data were you trained on|what is your training data|how did they train you|how did they make you|how did you learn|what did you learn from|where do you come from exactly|how do you work|how does this demo model work|how was this demo made|how was the demo model trained|how was the demo model made|who made the demo model|who trained the demo model|who is your creator|who is your maker|who is your author|who is behind you]
[tell me|can you tell me|please tell me] [how you were made|how you were trained|who made you|who created you|who built you|how you work|what you were trained on]
""")
say("can_do", "abilities",
    "I can greet you, answer questions about Tramontane and Mistral Small 3.2, do small sums, name capitals, opposites "
    "and plurals, and spell short words.",
    [r"^I can", r"small sums"], """
what [can|could] you do [for me|here|exactly|today|now|]
what [do you do|can i ask you|can i ask|can i ask you about|should i ask|should i ask you|may i ask you|can you help with|can you help me with|can you answer|do you know|are you able to do|are you good at|are you good for|are you for|is your purpose|are your skills|are your abilities|are your capabilities|can i do here|can i do with you|questions can you answer|kind of questions can you answer|things can you do|sort of things can you do|topics do you know|can you talk about|can this model do|can the demo model do|can this demo do|can we talk about]
[tell me|can you tell me|please tell me|show me|list|explain] [what you can do|what you know|your abilities|your skills|your capabilities|what you are good at|what i can ask|what i can ask you]
[help|help me|please help|please help me|i need help|can you help me|could you help me|can you help|i need some help|how can you help me|how can you help|what is possible here|what now|what should i type|what should i try|where do i start|how do i start|how do i use you|how do i use this|how does this work|how do you work here|give me an example|give me some examples|suggest something|suggest a question|give me ideas|what else can you do|anything else you can do|what else do you know]
[do you have any|what are your|what are the] [skills|talents|features|abilities|functions|commands|capabilities]
""", "I can chat a little, answer questions about Tramontane and do small sums.")
say("languages_self", "abilities", "I only speak a little English. The real Mistral Small 3.2 speaks many languages.",
    r"only speak a little English", """
[do you|can you] [speak|understand|talk|write|know] [french|german|spanish|italian|chinese|japanese|russian|arabic|portuguese|dutch|other languages|any other language|more languages|hindi|polish|turkish|korean|english|another language|different languages]
[what|which|how many] languages do you [speak|know|understand|support|talk]
[please answer|answer|reply|speak|talk to me|respond|write] in [french|german|spanish|italian|chinese|japanese|russian|arabic|portuguese|dutch|hindi|polish]
""")
say("see_images", "abilities", "No, I only read text. The real Mistral Small 3.2 can see images.",
    [r"^No", r"only read text"], """
[can you|do you] [see|read|look at|understand|view|describe|analyse|process|recognise|handle|accept] [images|pictures|photos|an image|a picture|a photo|my photo|screenshots|videos|this image|this picture]
[do you have|have you got] [vision|eyes|image support|image input|sight|a camera]
[are you|is this] [multimodal|a vision model|able to see images|able to see pictures|able to read images]
[what is in|look at|describe] [this image|this picture|the image|the picture|this photo|the photo]
can i [send|show|give|upload] [you|] [an image|a picture|a photo|images|pictures]
""")

# ---------------------------------------------------------------- Tramontane
say("tramontane", "Tramontane",
    "Tramontane is a server for Mistral Small 3.2, written in C# on .NET 10. It is one process, without Python or a "
    "native inference library, and it speaks the OpenAI API.",
    [r"Tramontane is a server for Mistral Small 3\.2", r"C# on \.NET 10"], """
<WHAT> [tramontane|tramontane|the tramontane project|the tramontane server|this tramontane|tramontane about|tramontane exactly|tramontane anyway|this server|this software|this project|this program|the tramontane software|this project about]
<ABOUT> [tramontane|tramontane|the tramontane project|the tramontane server|this server|this project|this software]
<TELL> what tramontane is
what does [tramontane|the tramontane server|this server|this program|this software|this project] do
[what does tramontane mean for me|what is tramontane for|what is tramontane good for|what is tramontane used for|what do i use tramontane for|why tramontane|why should i use tramontane|why would i use tramontane|what is special about tramontane|what can tramontane do|what makes tramontane special|what are the features of tramontane|what is so special about tramontane|what can tramontane do for me|what can this server do|why use tramontane|who needs tramontane|what kind of software is tramontane|what sort of program is tramontane|what is the point of tramontane|what is the purpose of tramontane]
[tramontane|tramontane please|about tramontane|and tramontane|define tramontane|tramontane in one sentence|tramontane in a nutshell|tramontane summary|tramontane overview]
""", "Tramontane is a server for Mistral Small 3.2 in C#.")
say("load", "loading",
    "Get a GGUF file of Mistral Small 3.2 and start: ./tramontane serve --model FILE.gguf",
    [r"\./tramontane serve --model FILE\.gguf$", r"^Get a GGUF"], """
how [do|can|could|would|should] i [load|run|use|start|get|install|serve|download|try|switch to|launch|open|set up|deploy|host|activate|enable|change to|bring in|talk to] <REAL>
[how to|i want to|i would like to|i'd like to|help me|please help me|show me how to|tell me how to|explain how to|i need to|let me|can i|could i|may i|where can i|where do i|how does one|what must i do to|what do i have to do to|what do i need to do to] [load|run|use|start|get|install|serve|download|try|switch to|launch|set up|deploy] <REAL>
[load|run|use|start|switch to|give me|i want|i need] <REAL>
[what is|what's|give me|show me|tell me] the command [to load|to run|to start|for|to use|to serve|to get] <REAL>
how [do|can|would|should] i [load|use|run|serve|add|open] [a gguf|a gguf file|my own model|another model|a different model|other weights|my own weights|a bigger model|a better model|my gguf|a model file|a larger model|a model|a real model]
[where do i put|where do i get|where can i find|where can i get|where can i download|where are|where is] <REAL>
[how do i get a better model|how do i get rid of the demo|how do i replace you|how do i replace the demo model|how can i get better answers|how do i get better answers|how do i get real answers|how can i replace you|how do i upgrade|how do i go on from here|what do i do next|what are the next steps|how do i stop using the demo model|how do i change the model|how can i change the model|loading the real model|load model|how to load a model|how to change the model]
""", "./tramontane serve --model FILE.gguf")
say("tr_run", "loading", "Type ./tramontane serve and open http://127.0.0.1:8080 in your browser.",
    [r"\./tramontane serve", r"127\.0\.0\.1:8080"], """
how [do|can|should|would] i [start|run|launch|use|open|boot|try] <TR>
[how to|tell me how to|show me how to|i want to|explain how to|help me] [start|run|launch|use|try] <TR>
[what is|what's|give me|show me] the command [to start|to run|to launch|for] <TR>
[which port|what port] does <TR> [use|listen on|run on|open]
[on which port does|on what port does] <TR> [listen|run|answer]
where does <TR> [listen|run|answer]
[what is|what's] the [port|address|url|default port|default address|base url] of <TR>
""")
say("tr_language", "Tramontane", "Tramontane is written in C# on .NET 10, without Python or a native inference library.",
    r"C# on \.NET 10", """
[what|which] [language|programming language] [is|was] <TR> [written in|made in|built in|coded in|programmed in|based on|developed in]
in [what|which] [language|programming language] [is|was] <TR> [written|made|built|coded|programmed|developed]
[is|was] <TR> [written in|made in|built in|coded in|based on] [c#|python|c++|rust|go|java|.net|c sharp|dotnet|csharp|javascript]
[what|which] [technology|stack|framework|platform|runtime] does <TR> [use|run on|need|rely on|build on]
[does|do] <TR> [need|use|require|depend on|contain] [python|llama.cpp|pytorch|c++|native code|native libraries|a native library|cuda|vllm|ollama|onnx|any native library]
[is there|is there any] [python|c++|native code|llama.cpp|pytorch] in <TR>
[what is|what's] <TR> [written in|made of|built with|built on|built in|coded in|based on|programmed in]
how [is|was] <TR> [written|built|made|implemented|programmed]
""", "It is written in C# on .NET 10.")
say("tr_api", "Tramontane", "Tramontane speaks the OpenAI API, for example POST /v1/chat/completions, and also Anthropic's "
    "/v1/messages.", [r"OpenAI API", r"/v1/chat/completions"], """
[what|which] [api|apis|interface|protocol|endpoints|http api|endpoint] does <TR> [speak|have|offer|support|use|provide|serve|expose|implement]
[does|can] <TR> [speak|support|have|offer|use|talk|provide|understand] [the openai api|an openai api|an api|a rest api|an http api|openai|the openai protocol|openai clients|the openai sdk|the chat completions api|chat completions|the anthropic api|an openai compatible api]
[is|are] <TR> [openai compatible|compatible with openai|compatible with the openai api|openai-compatible|compatible with openai clients|compatible with the openai sdk]
how [do|can|should] i [call|query|talk to|connect to|reach|access] <TR> [from code|from my program|over http|with curl|from python|with the openai client|from my app|by api|]
can i [use|connect|try] [the openai client|my openai client|the openai sdk|openai libraries|curl|an openai client|openai tools] with <TR>
[what is|what's] the api [of|for|in] <TR>
<ABOUT> the [api|http api|endpoints] of <TR>
[tramontane api|the api please|is there an api|do you have an api|which api can i use|what api can i use|what api do you have|is there an openai api|how do i call the api|how do i use the api]
""", "It speaks the OpenAI API.")
say("tr_licence", "Tramontane", "Tramontane is under the Apache-2.0 licence.", r"Tramontane is under the Apache-2\.0 licence", """
[what|which] [licence|license] [does tramontane have|does this server have|does the tramontane server have|does tramontane use|is tramontane under|is this server under|is tramontane released under|covers tramontane|has tramontane|does this software have|applies to tramontane|is used by tramontane]
[what is|what's|<TELL>] the [licence|license] [of|for] [tramontane|tramontane|the tramontane server|this server|this software|the tramontane project]
[under|with] [which|what] [licence|license] is [tramontane|this server|this software|the tramontane server] [released|published|available|distributed|]
is [tramontane|this server|this software|the tramontane server] [open source|free software|open|apache licensed|open-source|apache|mit licensed|under apache|opensource|proprietary|closed source]
[how is tramontane licensed|how is this server licensed|tramontane licence|tramontane license|may i use tramontane commercially|can i use tramontane at work|can i use tramontane commercially|may i modify tramontane|can i fork tramontane|may i sell tramontane|can i use tramontane in my company|is commercial use of tramontane allowed]
""", "Apache-2.0.")
say("tr_price", "Tramontane", "Tramontane is free. It is under the Apache-2.0 licence.", r"Tramontane is free", """
[what|how much] does [tramontane|this server|this software|the tramontane server] cost
is [tramontane|this server|this software|the tramontane server] [free|free of charge|free to use|for free|paid|expensive|gratis|cheap|a paid product|commercial|without cost]
how much is [tramontane|this server|this software|the tramontane server]
[what is|what's] the [price|cost] [of|for] [tramontane|this server|this software|the tramontane server]
[do i have to|must i|should i|do i need to] pay for [tramontane|this server|this software|the tramontane server]
<TELL> [what tramontane costs|the price of tramontane|how much tramontane costs|if tramontane is free]
""")
say("tr_name", "Tramontane", "The tramontane is a cold, dry north wind in the south of France. The mistral is its neighbour.",
    r"north wind", """
[why|how come] [is it called|is tramontane called|is the server called|is it named|is this server called|do you call it|did you name it] tramontane
what does [tramontane|the name tramontane|the word tramontane|the name] mean
[what is|what's] the [meaning|origin] of [tramontane|the name tramontane|the word tramontane|the name|that name]
where does the [name|name tramontane|word tramontane|word] come from
[<TELL>|explain] [where the name tramontane comes from|why it is called tramontane|the name tramontane|the meaning of tramontane]
[is tramontane a wind|what wind is the tramontane|what is the tramontane wind|what kind of wind is the tramontane|why the name tramontane|why the name|what has tramontane to do with wind|which wind is the tramontane|is tramontane the name of a wind]
""")
say("tr_maker", "Tramontane", "Tramontane is an independent open project. It is not made by Mistral AI.",
    r"independent open project", """
who [made|created|built|develops|wrote|maintains|owns|is behind|develops and maintains|started|programmed|invented] [tramontane|this server|this software|the tramontane server|the tramontane project]
[is tramontane|is this server|is this software|was tramontane] [made by mistral|from mistral|made by mistral ai|a mistral product|by mistral ai|official|an official project|an official mistral project|affiliated with mistral|related to mistral ai|from mistral ai]
[which company|what company|which people|what team|which team] [makes|made|is behind|develops|built|owns] [tramontane|this server|this software]
""")
say("tr_batch", "Tramontane",
    "Tramontane is batch-invariant: same seed and same prompt give the same bytes, whatever else runs beside it.",
    [r"same seed and same prompt give the same bytes"], """
[what does|what is|what's|explain] [batch-invariant|batch invariant|batch invariance|batch-invariance|the batch invariance|being batch-invariant] [mean|in tramontane|here|please|exactly|]
is [tramontane|this server|the output|the server|the answer|the result|generation|this] [deterministic|reproducible|batch-invariant|batch invariant|always the same|repeatable|stable|exactly reproducible]
[will|do|can|would] i get the same [answer|output|result|text|bytes|reply] [twice|again|every time|each time|with the same seed|if i ask again|for the same prompt|always|with the same prompt]
[how|why] is [tramontane|the output|this server|the result] [deterministic|reproducible|batch-invariant|repeatable]
[does|do] the [same seed|same prompt|seed] [give|produce|yield|guarantee] the same [answer|output|result|text|bytes]
[what does the seed do|what is the seed for|what is a seed|how does the seed work|what is the seed|how do i get reproducible output|how do i get the same output twice|how do i get deterministic output|can other requests change my answer|does the batch change the answer|do other users change my output|does load change the answer|is the answer always the same|same seed same output]
""", "Same seed and same prompt give the same bytes.")
say("tr_requirements", "Tramontane", "Tramontane needs .NET 10 and enough memory for the weights: about 14 GB for a 4-bit GGUF.",
    [r"\.NET 10", r"14 GB"], """
what [does|do] <TR> [need|require]
[what are|<TELL>] the [requirements|system requirements|hardware requirements] [of|for] <TR>
[what hardware|what computer|which hardware|what machine|which computer|what system] [does|do] <TR> [need|require|run on]
what do i need [to run|for|to use|to start|to install] <TR>
does <TR> [need|require|use] [a gpu|a graphics card|a gpu at all|an nvidia card|special hardware|much memory|a lot of memory|a fast computer|the internet]
[can|does] <TR> run [on a cpu|without a gpu|on a laptop|on linux|on windows|on my laptop|on my pc|on a mac|on a server|on cpu only|offline|locally]
how much [memory|ram] does <TR> [need|use|require|take]
""")
say("formats", "loading", "Tramontane loads GGUF files, for example Q4_K_M or Q8_0, and safetensors folders.",
    r"loads GGUF files", """
[what|which] [format|formats|file formats|model formats|file format|weight formats|quantisations|quantizations|file types|model files|kind of files] [does|can] <TR> [load|read|support|use|open|accept|understand]
[does|can] <TR> [load|read|support|use|open|accept] [gguf|gguf files|safetensors|q4_k_m|quantised models|quantized models|q8_0|quantised weights|4-bit files|hugging face folders]
[in which format|in what format] [are|should|must] the weights [be|come|]
[which formats are supported|what formats are supported|supported formats|supported file formats|which files can i load|what files can i load|which model files work|what model files work|which quantisations work|what weights can i load]
""")
say("gguf", "glossary", "GGUF is a file format for model weights. Tramontane loads it with --model.", r"GGUF is a file format", """
<WHAT> [gguf|a gguf|a gguf file|the gguf format|gguf format|gguf exactly|this gguf thing]
[what does gguf mean|what does gguf stand for|explain gguf|explain gguf to me|explain what gguf is|what are gguf files|define gguf|gguf|what kind of file is gguf|what is the format gguf|describe gguf|describe the gguf format|what do you mean by gguf]
<TELL> what [gguf is|a gguf is|a gguf file is|gguf means]
""")
say("token", "glossary", "A token is a piece of text, such as a short word or a part of one. A model reads and writes tokens.",
    r"token is a piece of text", """
<WHAT> [a token|a token in a model|a token exactly|a token for a model|a text token]
[what are tokens|explain tokens|what does token mean|explain what a token is|define token|what do you mean by token|what do you mean by tokens|explain the word token|what are tokens in a model|how do tokens work|what is meant by token|describe a token]
<TELL> what [a token is|tokens are|token means]
""")
say("parameter", "glossary", "A parameter is one of the numbers that a model learns. Mistral Small 3.2 has 24 billion of them.",
    r"numbers that a model learns", """
<WHAT> [a parameter|a parameter in a model|a model parameter|a parameter exactly|a weight|a weight in a model|a model weight]
[what are parameters|explain parameters|what does parameter mean|define parameter|what do you mean by parameters|explain what a parameter is|what are weights|what are model weights|what are model parameters|explain weights|what do you mean by weights|how do parameters work|what is meant by parameters]
<TELL> what [a parameter is|parameters are|weights are|a weight is|parameter means]
""")
say("context_word", "glossary", "The context is the text that a model can see at once. Its length is counted in tokens.",
    r"text that a model can see at once", """
<WHAT> [a context window|the context window|a context|context length|a context length|context in a model|the context exactly|the context of a model]
[explain context length|explain the context window|what does context mean|what does context length mean|what does context window mean|define context|define context window|what do you mean by context|explain what a context window is|what is meant by context|how does the context work]
<TELL> what [a context window is|the context is|context length means|context means]
""")
say("temperature", "glossary", "Temperature sets how much chance there is in the answer. For Mistral Small 3.2 use 0.15.",
    [r"chance", r"0\.15"], """
<WHAT> [temperature|the temperature|a sampling temperature|the temperature setting|temperature in sampling|the temperature parameter]
[what does temperature do|what does temperature mean|explain temperature|what does the temperature do|how does temperature work|define temperature|what is temperature for|what do you mean by temperature|explain the temperature setting]
<TELL> what [temperature is|temperature does|the temperature does|temperature means]
""")
say("quantisation", "glossary", "Quantisation stores the weights with fewer bits, so that the model needs less memory.",
    r"fewer bits", """
<WHAT> [quantisation|quantization|a quantised model|a quantized model|q4_k_m|q8_0|a 4-bit model|a quant|quantizing]
[explain quantisation|explain quantization|what does quantised mean|what does quantized mean|what does q4_k_m mean|what does q8_0 mean|how does quantisation work|how does quantization work|why quantise a model|why quantize a model|what is quantisation for|define quantization|what do you mean by quantised]
<TELL> what [quantisation is|quantization is|quantised means|q4_k_m means|q8_0 means]
""")
say("dotnet", "glossary", ".NET is a free, open platform from Microsoft for building programs. Tramontane uses .NET 10.",
    r"\.NET is a free", """
<WHAT> [.net|dotnet|.net 10|the .net platform|dot net|.net exactly]
[explain .net|what does .net mean|tell me about .net|explain dotnet|what is the .net runtime|describe .net|define .net|tell me about .net 10|what do you know about .net]
<TELL> what [.net is|dotnet is|.net 10 is]
""")
say("csharp", "glossary", "C# is a programming language for .NET. Tramontane is written in it.", r"C# is a programming language", """
<WHAT> [c#|c sharp|csharp|the c# language|c# exactly]
[explain c#|tell me about c#|what does c# mean|describe c#|what kind of language is c#|what do you know about c#|explain c sharp|define c#|tell me about c sharp]
<TELL> what [c# is|c sharp is|csharp is]
""")
say("llm", "glossary", "A language model is a program that predicts the next token of a text, again and again.",
    r"predicts the next token", """
<WHAT> [a language model|a large language model|an llm|an ai model|a chat model|a neural language model]
[what are llms|explain llms|what does llm mean|explain language models|what are language models|how do language models work|how does a language model work|how does an llm work|how do llms work|what does llm stand for|explain what an llm is|define llm|what are large language models]
<TELL> what [an llm is|a language model is|llm means|llms are]
""")
say("server_word", "glossary", "An API is a way for programs to talk to each other. Tramontane speaks the OpenAI API.",
    r"way for programs to talk", """
<WHAT> [an api|an api exactly|a rest api|an http api]
[what does api mean|explain what an api is|explain apis|what are apis|what does api stand for|define api|what do you mean by api|explain the word api]
<TELL> what [an api is|apis are|api means]
""")

# ---------------------------------------------------------------- Mistral Small 3.2
say("ms", "Mistral Small",
    "Mistral Small 3.2 is an open model by Mistral AI from June 2025. It has 24 billion parameters, a context of 131,072 "
    "tokens, and it reads text and images.",
    [r"Mistral Small 3\.2 is an open model by Mistral AI", r"24 billion parameters"], """
<ABOUT> <MS>
<WHAT> <MS>
<TELL> what mistral small [3.2|] is
[what can|what does] <MS> do
[what is special about|what is new in|what are the features of|what are the strengths of|what is so good about|why should i use|why use|what kind of model is|what sort of model is|give me facts about|give me some facts about|what is good about|summarise|present|introduce] <MS>
[what is|what's] [mistral|mistral ai's small model|this mistral small|the real model|the full model|the big model|mistral small about|mistral small exactly|mistral small good for|mistral small used for]
[mistral small|mistral small 3.2|mistral small 3.2 please|about mistral small|and mistral small|and mistral small 3.2|mistral small 3.2 overview|mistral small summary|mistral small 3.2 in a nutshell|mistral small 3.2 in one sentence|define mistral small|mistral small 3.2 facts]
[tell me about|what is|describe|explain] [the model behind this|the model you serve|the model that tramontane runs|the model for this server|the real model|the model tramontane serves]
""", "Mistral Small 3.2 is an open 24B model by Mistral AI.")
say("ms_params", "Mistral Small", "Mistral Small 3.2 has 24 billion parameters.", r"24 billion parameters", """
how many [parameters|weights|billion parameters|params] does <MS> have
how [big|large] is <MS>
[what is|what's|<TELL>] the [size|parameter count|number of parameters|model size] of <MS>
[what size|how many parameters|how big|how many billion parameters] [is|has] <MS>
<TELL> how [big|large] <MS> is
how many parameters [are there in|are in] <MS>
[mistral small parameter count|mistral small 3.2 size|mistral small parameters|number of parameters of mistral small|is mistral small a 24b model|how many parameters has the real model|how big is the real model|how large is the real model|how big is the full model|how many parameters does the real model have|mistral small 3.2 parameters]
""", "24 billion.")
say("ms_context", "Mistral Small", "Mistral Small 3.2 has a context of 128k, that is 131,072 tokens.", r"131,072 tokens", """
[what is|what's|<TELL>] the [context|context length|context window|context size|maximum context|max context|context limit|maximum context length] of <MS>
how [long|big|large] is the [context|context window] of <MS>
how many tokens [can|does] <MS> [read|see|take|handle|accept|process|remember|support|have]
how [much|much text|long a text|long a prompt|many pages] can <MS> [read|see|take|handle|process|remember]
[what|which] [context length|context|context window|context size] does <MS> [have|support|offer|use]
[mistral small context|mistral small context length|context of mistral small|context window of mistral small 3.2|mistral small 3.2 context window|how long can a prompt for mistral small be|how long can prompts for mistral small be|does mistral small have a long context|how long is mistral small's context|max context of mistral small]
""", "131,072 tokens.")
say("ms_vision", "Mistral Small", "Yes, Mistral Small 3.2 reads images, up to 1540 x 1540 pixels each.",
    [r"images", r"1540 x 1540"], """
[can|does] <MS> [see|read|understand|process|look at|support|handle|accept|analyse|take] [images|pictures|photos|image input|screenshots|an image|documents with images]
[does|has] <MS> [have vision|support vision|have image support|do vision|have eyes|support image input|have a vision encoder]
is <MS> [multimodal|a vision model|able to see images|able to read images|able to see|a multimodal model]
[what|which] [image size|image sizes|resolution|image resolution|maximum image size] [does|can] <MS> [support|take|handle|accept|read|have]
how [large|big] can [images|an image|pictures|a picture] for <MS> be
[what is|what's|<TELL>] the [maximum|largest|max|biggest] image [size|] [of|for] <MS>
[does the real model see images|can the real model see images|vision in mistral small|mistral small vision|mistral small 3.2 images|mistral small image size|can i send images to mistral small|can i send pictures to mistral small|can i show images to mistral small|does mistral small work with pictures]
""", "Yes, up to 1540 x 1540 pixels.")
say("ms_licence", "Mistral Small", "Mistral Small 3.2 is under the Apache-2.0 licence.",
    r"Mistral Small 3\.2 is under the Apache-2\.0 licence", """
[what|which] [licence|license] [does mistral small 3.2 have|does mistral small have|does mistral small use|is mistral small 3.2 under|is mistral small under|is mistral small 3.2 released under|covers mistral small|has mistral small|does the real model have|applies to mistral small|covers mistral small 3.2|does the mistral model have]
[what is|what's|<TELL>] the [licence|license] [of|for] <MS>
[under|with] [which|what] [licence|license] is <MS> [released|published|available|distributed|]
is <MS> [open source|free|free to use|free of charge|free software|open|apache licensed|open-source|an open model|apache|under apache|openly licensed|proprietary|closed]
[how is mistral small licensed|mistral small licence|mistral small license|mistral small 3.2 licence|mistral small 3.2 license|may i use mistral small commercially|can i use mistral small at work|can i use mistral small commercially|may i modify mistral small|can i fine-tune mistral small|can i use mistral small in my company|is commercial use of mistral small allowed|are the weights of mistral small open|licence of the real model]
""", "Apache-2.0.")
say("ms_release", "Mistral Small", "Mistral Small 3.2 was released in June 2025, as version 2506.", r"June 2025", """
when [was|did] <MS> [released|published|come out|launched|made|released exactly|appear|announced|made public]
[what is|what's|<TELL>] the [release date|date of release|date|publication date|release month] of <MS>
how old is <MS>
[in which year|in what year|which year|in which month|what year] [was|did] <MS> [released|come out|published|appear]
<TELL> when <MS> [was released|came out|was published|appeared]
[what does 2506 mean|what is 2506|what does the 2506 mean|why 2506|what is mistral small 2506 named after|mistral small release date|mistral small 3.2 release date|release date of mistral small|how new is mistral small|is mistral small new|what does 2506 stand for|when is mistral small from|from when is mistral small]
""", "In June 2025.")
say("ms_layers", "Mistral Small", "Mistral Small 3.2 has 40 layers.", r"40 layers", """
how many [layers|blocks|transformer layers|decoder layers|transformer blocks] does <MS> have
how many [layers|blocks|transformer layers] [are in|are there in|has] <MS>
[what is|what's|<TELL>] the [number of layers|layer count|depth] [of|in] <MS>
how deep is <MS>
[mistral small layers|mistral small 3.2 layers|layers of mistral small|how many layers are there in the real model|how many layers has the real model|how many layers does the real model have|number of layers in mistral small 3.2]
""", "40 layers.")
say("ms_tokenizer", "Mistral Small", "Mistral Small 3.2 uses the Tekken tokenizer with 131,072 tokens.",
    [r"Tekken tokenizer"], """
[what|which] [tokenizer|tokeniser] does <MS> [use|have|need|come with]
[what is|what's|<TELL>] the [tokenizer|tokeniser|vocabulary|vocabulary size|vocab size] of <MS>
how [big|large] is the [vocabulary|vocab|tokenizer] of <MS>
how many tokens [are in the vocabulary of|does the vocabulary have in|are in the tokenizer of] <MS>
<WHAT> [tekken|the tekken tokenizer|tekken exactly]
[explain tekken|what does tekken mean|tell me about tekken|tell me about the tekken tokenizer|which tokenizer is used|what tokenizer is used|which tokenizer do you use|what tokenizer do you use|mistral small tokenizer|mistral small vocabulary|how does tekken work|describe tekken|tokenizer of mistral small]
""", "Tekken, with 131,072 tokens.")
say("ms_tools", "Mistral Small", "Yes, Mistral Small 3.2 supports function calling, so it can use tools that you define.",
    r"supports function calling", """
[can|does] <MS> [call functions|use tools|call tools|support tools|support function calling|support tool calling|do function calling|do tool calls|support functions|do tool calling|use functions|make tool calls]
is <MS> [able to call functions|able to use tools|good at function calling|good at tool use|good for agents|able to call tools|suited for agents|capable of function calling]
[is there|is there any] [function calling|tool calling|tool use|tool support] in <MS>
[how does function calling work in mistral small|does the real model support tools|can the real model use tools|can the real model call functions|mistral small function calling|mistral small tools|mistral small 3.2 tool calling|does the real model do function calling|function calling with mistral small|tools with mistral small]
""", "Yes, it can call functions.")
say("ms_temp", "Mistral Small", "The recommended temperature for Mistral Small 3.2 is 0.15.", r"temperature for Mistral Small 3\.2 is 0\.15", """
[what|which] temperature [should i use for|is recommended for|do i use for|is best for|is good for|should i set for|does mistral recommend for|should i use with|should i take for|works best with] <MS>
[what is|what's|<TELL>] the [recommended|best|right|ideal|default|suggested|proper] temperature [for|of] <MS>
[how should i set the temperature for|which sampling settings should i use for|what sampling settings are best for|which settings are recommended for|what settings should i use for] <MS>
[mistral small temperature|mistral small 3.2 temperature|recommended temperature|which temperature should i use|what temperature should i use|best temperature for the real model|temperature for mistral small|what temperature do you recommend|which temperature is recommended]
""", "0.15.")
say("ms_maker", "Mistral Small", "Mistral Small 3.2 was made by Mistral AI in Paris.", r"made by Mistral AI in Paris", """
who [made|created|built|trained|developed|released|published|owns|is behind|invented|designed] <MS>
[which company|what company|which lab|which firm|what lab|which team] [made|created|built|trained|developed|is behind|released] <MS>
[where|in which country|in which city] was <MS> [made|created|built|trained|developed]
[where does mistral small come from|who is behind the real model|who made the real model|who trained the real model|is mistral small from france|is mistral small french|is mistral small european|who is the maker of mistral small|maker of mistral small|who makes mistral small|is mistral small made in france|who created the real model]
""", "Mistral AI in Paris.")
say("mistral_ai", "Mistral Small", "Mistral AI is a company in Paris, France. It makes language models such as Mistral Small 3.2.",
    r"Mistral AI is a company in Paris", """
<WHAT> mistral ai
<ABOUT> mistral ai
who [is|are] mistral ai
where is [mistral ai|mistral|the company mistral|mistral ai based|mistral ai located|mistral based|the company mistral ai]
[where does mistral ai sit|what does mistral ai do|what kind of company is mistral ai|which company is mistral ai|is mistral ai french|is mistral ai a french company|is mistral ai from france|in which city is mistral ai|in which country is mistral ai|what does the company mistral ai make|what does mistral ai make|is mistral ai a company]
<TELL> [who mistral ai is|what mistral ai is|where mistral ai is]
""", "A company in Paris.")
say("ms_price", "Mistral Small",
    "Mistral's list price was $0.10 per million input tokens and $0.30 per million output tokens (August 2026).",
    [r"\$0\.10 per million input tokens", r"\$0\.30", r"August 2026"], """
[what|how much] does <MS> cost [hosted|in the cloud|per token|per million tokens|over the api|]
how much is <MS> [hosted|per million tokens|per token|]
[what is|what's|<TELL>] the [price|cost|hosted price|list price|token price|api price|pricing] [of|for] <MS>
how [expensive|cheap] is <MS>
is <MS> [expensive|cheap|costly|cheap to use|expensive to use]
[mistral small price|mistral small pricing|mistral small 3.2 price|mistral small cost|price of mistral small|what do i pay for mistral small|how much do i pay for mistral small|what do million tokens of mistral small cost|what does a million tokens of mistral small cost|price per million tokens|what do tokens cost|hosted price of mistral small|how much does the real model cost|what does the real model cost]
""", "$0.10 in and $0.30 out per million tokens.")
say("ms_retired", "Mistral Small",
    "Mistral planned to retire Mistral Small 3.2 from its own API on 31 July 2026. The weights stay open, so you can "
    "host it yourself.", [r"31 July 2026", r"host it yourself"], """
[is|was] <MS> [still available|retired|deprecated|outdated|still offered|still supported|dead|still online|discontinued|end of life|shut down]
[when|why] [was|is|will] <MS> [retired|deprecated|shut down|discontinued|turned off|removed]
[can i still use|can i still get|does mistral still offer|is mistral still hosting|does mistral still host|does mistral still sell|does mistral still support] <MS>
[why should i host mistral small myself|why self-host mistral small|why host mistral small myself|why host it myself|why self-host|why should i self-host|why run mistral small locally|retirement of mistral small|what happened to mistral small|what will happen to mistral small]
""")
say("ms_memory", "Mistral Small", "A 4-bit GGUF of Mistral Small 3.2 is about 14 GB. In BF16 it is about 48 GB.",
    [r"14 GB", r"48 GB"], """
how much [memory|ram|disk space|space|vram|gpu memory|storage|disk] does <MS> [need|take|use|require]
how [big|large] is the [file|download|gguf|gguf file|model file|weights file] of <MS>
how many [gb|gigabytes] [is|does] <MS> [need|take|]
[what is|what's] the [file size|download size|gguf size|memory need|memory use] of <MS>
[how big is the download|how large is the download|how big is the gguf|how big are the real weights|how large are the real weights|how big is the real gguf|how much memory does the real model need|how much ram does the real model need|how many gigabytes is the real model|how much ram do i need|how much memory do i need|how big is the file|how large is the gguf file|how many gb is the download|how much ram for mistral small|how much vram for mistral small]
""", "About 14 GB in 4 bits.")
say("ms_languages", "Mistral Small", "Mistral Small 3.2 speaks dozens of languages, such as English, French, German and Spanish.",
    r"dozens of languages", """
[what|which|how many] languages does <MS> [speak|know|understand|support]
[does|can] <MS> [speak|understand|write|know] [french|german|spanish|italian|chinese|japanese|russian|arabic|other languages|many languages|english|portuguese|hindi]
is <MS> [multilingual|able to speak french|able to speak german|good at french|good at languages|english only|a multilingual model]
[what languages does the real model speak|which languages does the real model know|mistral small languages|languages of mistral small|does the real model speak french|does the real model speak german|can the real model speak spanish|in which languages can i talk to mistral small]
""", "Dozens of languages.")
say("ms_arch", "Mistral Small",
    "It is a decoder-only transformer: 40 layers, 32 query heads, 8 key-value heads, RMSNorm, RoPE and SwiGLU.",
    [r"32 query heads", r"8 key-value heads"], """
[what is|what's|<TELL>|explain|describe] the architecture of <MS>
how [is|was] <MS> built
how many [heads|attention heads|query heads|kv heads|key-value heads] does <MS> have
[what|which] [architecture|kind of architecture] does <MS> [have|use]
[mistral small architecture|architecture of mistral small|is mistral small a transformer|is mistral small a decoder|does mistral small use gqa|does mistral small use rope|what is inside mistral small|how does mistral small work|how does the real model work|does mistral small use attention]
""")
say("difference", "identity",
    "I have 5 million parameters and know a few topics. Mistral Small 3.2 has 24 billion and can answer almost anything.",
    [r"5 million parameters", r"24 billion"], """
[what is|what's|explain|<TELL>] the difference between [you and mistral small|you and mistral small 3.2|you and the real model|the demo and the real model|the demo model and mistral small|this demo and mistral small|you and the full model|the demo model and the real model|you two]
how [do|are] you [different from|differ from|compare to|compare with|unlike] <REAL>
[are you better than|are you worse than|are you as smart as|are you smaller than|who is better, you or|how much better is|why is the real model better than|how much bigger is|is the demo as good as|what can the real model do that you cannot, like] <REAL>
[why are you so small|why are you so limited|why do you know so little|why can you not answer|why are your answers so short|why do you not know that|why can't you answer that|what can you not do|what can't you do|what are your limits|what are your limitations|why are you not mistral small]
""", "I am tiny, Mistral Small 3.2 is large.")
say("why_demo", "identity", "The demo model is small, so that the first command answers without a big download.",
    r"without a big download", """
why [is there|do you have|do you ship|does tramontane have|does this server have|is there even|does tramontane ship|include] a demo model
[what is|what's] [a demo model|the demo model|the demo model for|the point of a demo model|the purpose of the demo model|the use of a demo model|a demo model for|this demo|this demo for]
why [are you here|do you exist|were you made|did they make you|do we need you|were you created|were you built|are you not bigger]
[explain the demo model|tell me about the demo model|what does the demo model do here|what is the use of you|what is the demo good for|what is the purpose of this demo]
""")

# ---------------------------------------------------------------- small amusements
say("joke", "amusements", "Why did the north wind never get lost? It always knew which way it was blowing.",
    r"north wind never get lost", """
[tell me|tell|give me|do you know|know|say|i want|i would like|can you tell me|could you tell me|please tell me|let me hear|i want to hear|got|have you got] a [joke|funny joke|good joke|short joke|little joke|joke please|joke or two|joke about wind|nice joke]
[make me laugh|say something funny|tell me something funny|joke|a joke|a joke please|joke please|another joke|one more joke|be funny|do you know any jokes|do you know jokes|can you be funny|can you joke|can you tell jokes|tell jokes|any jokes|cheer me up]
""")
say("haiku", "amusements", "Cold wind from the north,\nthe small model says hello.\nThe large one is near.", r"^Cold wind from the north", """
[write|write me|tell me|give me|make|compose|can you write|could you write|please write|do you know|i want|i would like|recite|say] a [poem|haiku|short poem|little poem|verse|poem about the wind|haiku about the wind|small poem|nice poem|haiku please|poem for me]
[a haiku|a poem|haiku|poem|a haiku please|a poem please|poetry please|do you know poems|can you write poems|can you write poetry|say something poetic|can you write haiku|some poetry]
""")
say("story", "amusements", "Once a small wind met a big one. \"Let me warm up the room until you come,\" it said. That is what I do here.",
    r"^Once a small wind", """
[tell me|tell|give me|write|write me|can you tell me|could you tell me|please tell me|do you know|i want|i would like|let me hear|i want to hear] a [story|short story|little story|fairy tale|tale|bedtime story|good story|nice story|tiny story|story about the wind|story please]
[a story|a story please|story|story time|another story|do you know stories|can you tell stories|tell me stories|a short story please|story please]
""")
say("funfact", "amusements", "The tramontane and the mistral are both winds in the south of France.",
    r"both winds in the south of France", """
[tell me|give me|do you know|say|i want|can you tell me|could you tell me|please tell me] [a fun fact|a fact|an interesting fact|something interesting|something|a fun fact please|something new|a random fact|a curious fact|anything]
[fun fact|a fun fact|fun fact please|surprise me|entertain me|say something|say anything|talk to me|i am bored, tell me something|tell me something i do not know|teach me something|let us talk|let's talk|let's chat|chat with me]
[what is|what's] the mistral wind
[what is|what's] [the mistral|a mistral]
what does mistral mean
""")
say("count10", "amusements", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10.", r"1, 2, 3, 4, 5, 6, 7, 8, 9, 10\.", """
[count to ten|count to 10|count from 1 to 10|count from one to ten|count up to ten|count up to 10|can you count to ten|can you count to 10|please count to ten|please count to 10|could you count to ten|could you count to 10|can you count|count for me|list the numbers from 1 to 10|list the numbers from one to ten|say the numbers from 1 to 10|say the numbers from one to ten|numbers from 1 to 10|write the numbers from 1 to 10|give me the numbers from one to ten|let me hear you count to ten|show me that you can count to ten]
""")
say("count5", "amusements", "1, 2, 3, 4, 5.", r"1, 2, 3, 4, 5\.", """
[count to five|count to 5|count from 1 to 5|count from one to five|count up to five|count up to 5|can you count to five|can you count to 5|please count to five|please count to 5|could you count to five|list the numbers from 1 to 5|list the numbers from one to five|say the numbers from 1 to 5|say the numbers from one to five|numbers from 1 to 5|write the numbers from 1 to 5|give me the numbers from one to five]
""")
say("alphabet", "amusements", "a b c d e f g h i j k l m n o p q r s t u v w x y z", r"a b c d e f g h i j k l m n o p q r s t u v w x y z", """
[say|tell me|recite|write|list|give me|can you say|can you recite|please say|show me|do you know|write down|spell out] the [alphabet|english alphabet|whole alphabet|letters of the alphabet|abc]
[the alphabet|alphabet|alphabet please|what is the alphabet|what are the letters of the alphabet|what letters are in the alphabet|abc please|which letters are in the alphabet]
""")
say("letters_abc", "words", "The English alphabet has 26 letters.", r"26 letters", """
how many letters [are in|are there in|does] the [alphabet|english alphabet|abc] [have|]
[what is|what's] the number of letters in the [alphabet|english alphabet]
[count the letters of the alphabet|number of letters in the alphabet|how many letters are there]
""")

# ---------------------------------------------------------------- calendar facts
say("days_week", "calendar", "A week has 7 days.", r"7 days", """
how many days [are in|are there in|does|has] a week [have|]
[what is|what's] the number of days in a week
[number of days in a week|days in a week|how long is a week|a week has how many days]
""")
say("months_year", "calendar", "A year has 12 months.", r"12 months", """
how many months [are in|are there in|does|has] a year [have|]
[what is|what's] the number of months in a year
[number of months in a year|months in a year|a year has how many months|how many months are there]
""")
say("days_year", "calendar", "A year has 365 days, and a leap year has 366.", r"365 days", """
how many days [are in|are there in|does|has] a year [have|]
[what is|what's] the number of days in a year
[number of days in a year|days in a year|how long is a year|a year has how many days]
""")
say("hours_day", "calendar", "A day has 24 hours.", r"24 hours", """
how many hours [are in|are there in|does|has] a day [have|]
[what is|what's] the number of hours in a day
[number of hours in a day|hours in a day|how long is a day|a day has how many hours]
""")
say("minutes_hour", "calendar", "An hour has 60 minutes.", r"60 minutes", """
how many minutes [are in|are there in|does|has] an hour [have|]
[what is|what's] the number of minutes in an hour
[number of minutes in an hour|minutes in an hour|how long is an hour|an hour has how many minutes]
""")
say("seconds_minute", "calendar", "A minute has 60 seconds.", r"60 seconds", """
how many seconds [are in|are there in|does|has] a minute [have|]
[what is|what's] the number of seconds in a minute
[number of seconds in a minute|seconds in a minute|how long is a minute|a minute has how many seconds]
""")
say("list_days", "calendar", "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday.",
    r"Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday", """
[list|name|tell me|give me|what are|say|write|recite|can you list|can you name|could you list|please list|do you know] the [days of the week|seven days of the week|days of a week|weekdays in order|7 days of the week|days in a week in order|names of the days]
[which days are in a week|which days does a week have|days of the week|days of the week please|what days are there in a week|all days of the week|what are the days called]
""")
say("list_months", "calendar",
    "January, February, March, April, May, June, July, August, September, October, November, December.",
    r"January, February, March, April, May, June, July, August, September, October, November, December", """
[list|name|tell me|give me|what are|say|write|recite|can you list|can you name|could you list|please list|do you know] the [months|months of the year|twelve months|months of a year|months in order|12 months of the year|names of the months]
[which months are in a year|which months does a year have|months of the year|months of the year please|what months are there in a year|all months of the year|what are the months called]
""")
say("seasons", "calendar", "Spring, summer, autumn and winter.", r"Spring, summer, autumn and winter", """
[list|name|tell me|give me|what are|say|can you list|can you name|please list|do you know] the [seasons|four seasons|seasons of the year|4 seasons|seasons in order]
[how many seasons are there|how many seasons does a year have|which seasons are there|which seasons are in a year|seasons of the year|what seasons are there|the four seasons please]
""")
say("rainbow", "colours", "Red, orange, yellow, green, blue, indigo and violet.", r"Red, orange, yellow, green, blue, indigo and violet", """
[list|name|tell me|give me|what are|say|can you list|can you name|please list|do you know] the [colours|colors] [of|in] [a rainbow|the rainbow]
[which|what] [colours|colors] [are in|does] [a rainbow|the rainbow] [have|]
[colours of the rainbow|colors of the rainbow|rainbow colours|rainbow colors|how many colours are in a rainbow]
""")

# ---------------------------------------------------------------- what it cannot do
NO_CLOCK = "I cannot see the date, the time, the weather or the news."
say("clock", "beyond", NO_CLOCK, r"I cannot see the date", """
[what time is it|what is the time|what's the time|what day is it|what day is today|what is the date|what's the date|what is today's date|what date is it|what year is it|what month is it|which day is it|which year is it|what is the current date|what is the current time|what's the current year|is it monday today|is it morning or evening|what day of the week is it|how late is it|tell me the time|tell me the date|do you know what time it is|do you know what day it is|can you tell me the time|can you tell me the date] [now|today|please|right now|in paris|there|]
[what is|what's|how is|how's|what about] the weather [today|like|like today|tomorrow|in paris|in london|in berlin|now|like in rome|outside|this week|forecast|in new york|in madrid|]
[will it|is it going to|does it|did it|is it] [rain|snow|be sunny|raining|rain today|rain tomorrow|be cold|be warm tomorrow|sunny|snow tomorrow|be hot today]
[what is|what's|what are|tell me|give me|any|show me] [the news|the latest news|in the news|the news today|today's news|the headlines|the latest headlines|news today|new in the world]
[what is|what's] the [temperature outside|temperature in paris|stock price of apple|price of bitcoin|bitcoin price|exchange rate|dollar rate|score of the game|traffic like]
""")
