"""Questions that only make sense after another one."""

# attribute -> (phrasings, {subject: name of the simple question that has the answer})
ABOUT_IT = {
    "licence": ("""
[and |][its|the] [licence|license]
[and |][what is|what's|what about|tell me|how about|which is] its [licence|license]
[and |][what|which] [licence|license] [does it have|is it under|does it use|has it|covers it]
[and |]is it [open source|free software|open|under apache|open-source|an open project]
[under which licence is it|how is it licensed|and how is it licensed|may i use it commercially|can i use it at work|can i use it commercially]
""", {"ms": "ms_licence", "tr": "tr_licence"}),
    "maker": ("""
[and |][who|which company] [made|created|built|develops|is behind|developed] it
[and |][who is|who are|tell me|what about] its [maker|author|creator|authors|makers|developer]
[where does it come from|and where does it come from|who wrote it|and its maker|who is responsible for it]
""", {"ms": "ms_maker", "tr": "tr_maker"}),
    "price": ("""
[and |][what|how much] does it cost
[and |][what is|what's|what about|tell me|how about] its [price|cost]
[and |]how [much|expensive] is it
[and its price|and the price|and the cost|do i have to pay for it|is it expensive|what do i pay for it|its price please]
""", {"ms": "ms_price", "tr": "tr_price"}),
    "size": ("""
[and |]how [big|large] is it
[and |]how many parameters does it have
[and |][what is|what's|what about|tell me|how about] its [size|parameter count|number of parameters]
[and its size|and the size|its size|how many parameters|how many parameters are that|and how many parameters]
""", {"ms": "ms_params"}),
    "context": ("""
[and |][what is|what's|what about|tell me|how about] its [context|context length|context window|context size]
[and |]how [long|big|large] is its [context|context window]
[and |]how many tokens can it [read|see|handle|take|process]
[and its context|and the context|and the context length|its context length|and the context window]
""", {"ms": "ms_context"}),
    "release": ("""
[and |]when [was it released|did it come out|was it published|did it appear|was it launched|is it from]
[and |][what is|what's|what about|tell me] its [release date|date]
[and |][how old is it|how new is it|its release date|when was that|since when does it exist]
""", {"ms": "ms_release"}),
    "vision": ("""
[and |][can|does] it [see|read|understand|look at|support|handle|process] [images|pictures|photos]
[and |][is it multimodal|does it have vision|what about images|how about images|what about vision|and images|and vision]
""", {"ms": "ms_vision"}),
    "tools": ("""
[and |][can|does] it [call functions|use tools|support tools|support function calling|do function calling|call tools]
[and |][what about function calling|how about function calling|and tools|what about tools|and function calling|how about tools]
""", {"ms": "ms_tools"}),
    "temperature": ("""
[and |][which|what] temperature [should i use|is recommended|does it need|is best|should i use for it|is best for it]
[and |][what is|what's|what about|tell me] its [temperature|recommended temperature|best temperature]
[and the temperature|and its temperature|how about the temperature|what about the temperature]
""", {"ms": "ms_temp"}),
    "layers": ("""
[and |]how many layers does it have
[and |][what is|what's|what about|tell me] its [number of layers|layer count|depth]
[and layers|how many layers|and how many layers|and its layers|how deep is it]
""", {"ms": "ms_layers"}),
    "tokenizer": ("""
[and |][which|what] [tokenizer|tokeniser] does it [use|have]
[and |][what is|what's|what about|tell me] its [tokenizer|vocabulary|vocabulary size|tokeniser]
[and its tokenizer|and the tokenizer|how big is its vocabulary|how large is its vocabulary]
""", {"ms": "ms_tokenizer"}),
    "memory": ("""
[and |]how much [memory|ram|space|disk space|vram] does it [need|take|use]
[and |]how [big|large] is the [download|file|gguf]
[and |][what is|what about|tell me] its [file size|memory need|download size]
""", {"ms": "ms_memory"}),
    "load": ("""
[and |]how [do|can|would|should] i [load|run|use|start|get|try] it
[and |][how to load it|how to run it|how to use it|where do i get it|where can i get it|can i run it here|how do i switch to it|i want to run it|i want to try it]
""", {"ms": "load", "tr": "tr_run"}),
    "written_in": ("""
[and |][what|which] language is it [written in|made in|coded in|programmed in]
[and |][what is it written in|in which language is it written|what is it made of|does it use python|does it need python|is it written in c#|is it written in python]
""", {"tr": "tr_language"}),
    "api": ("""
[and |][what|which] api does it [speak|have|use|offer|support]
[and |][what is|what's|what about|tell me about] its [api|http api|interface]
[and the api|and its api|is it openai compatible|does it speak the openai api|does it support openai clients|how do i call it]
""", {"tr": "tr_api"}),
    "name": ("""
[and |]why is it called that
[and |][where does its name come from|what does its name mean|what does the name mean|why that name|where is the name from|why the name]
""", {"tr": "tr_name"}),
    "requirements": ("""
[and |][what does it need|what does it require|does it need a gpu|does it run on a cpu|what are its requirements|what hardware does it need|does it run without a gpu|what do i need for it]
""", {"tr": "tr_requirements"}),
    "deterministic": ("""
[and |][is it deterministic|is it reproducible|is it batch-invariant|does it always give the same answer|is it repeatable|are its answers reproducible]
""", {"tr": "tr_batch"}),
}

SHORTER = """
[shorter|shorter please|shorter, please|make it shorter|make that shorter|please make it shorter|can you make it shorter|could you make it shorter|a bit shorter|a shorter answer please|shorter answer|shorter version|say it shorter|say that shorter|say it in fewer words|in fewer words|fewer words please|in short|in short please|in brief|briefly|briefly please|be brief|more briefly|keep it short|too long|that is too long|that was too long|tl;dr|tldr|sum it up|sum that up|summarise that|can you be shorter|can you be briefer|can you say that in fewer words|could you be more brief|the short version|the short version please|short version please|short answer please|cut it short|can you shorten that|shorten that|please shorten that|please be brief|please be shorter|make it brief|and shorter|now shorter|give me the short version|give me a shorter answer|once more but shorter|again but shorter]
[please|now|ok,|and|can you|could you|i want|give me|in a] [shorter|a shorter one|shorten it|a short version|a shorter version|a brief version|a short answer|a brief answer|a summary of that|a short form|sum it up|be short|be brief|it in short|it in one line|that in one sentence|that in few words]
[brief|short|shorter|in short|in brief|briefly|summary|too long|way too long|much too long|shorten|too much text|too many words|that was long|less words|fewer words] [please|thanks|now|again|here|for me|, shorter|, again]
""".strip().splitlines()
REPEAT = """
[repeat that|repeat that please|please repeat that|can you repeat that|could you repeat that|repeat|repeat please|say that again|say it again|please say that again|can you say that again|could you say that again|again|again please|once more|once more please|one more time|one more time please|come again|what did you say|what was that|what did you just say|pardon|repeat it|please repeat it|repeat your answer|repeat your last answer|repeat the last answer|say again|tell me again|tell me that again|what did you say again|sorry, what did you say|sorry, can you repeat that|sorry, what was that|can you repeat your answer|could you repeat it|could you say it again|i did not get that|i missed that|repeat what you said|please say it again|would you repeat that|write that again|give me that again]
[please|now|can you|could you|would you|ok,|and|i want you to] [write it again|say what you said|repeat the answer|repeat that once more|repeat that one|say it once more|tell it again|write your answer again|repeat your words|show that again|print it again|give the same answer again|say the same again]
[repeat|say|write|tell me|show me|give me] [what you said before|what you just said|the last answer again|your answer again|it once more|it one more time|that one more time|that once more|the same thing again|the same again|the answer again|what you wrote]
[sorry|pardon|excuse me|hm], [again|once more|say that again|i did not hear you|what was it|what was your answer|i did not understand, again|repeat it|what did you write|repeat|come again]
""".strip().splitlines()
SURE = """
[are you sure|are you certain|really|is that true|is that right|is that correct|sure|are you sure about that|are you really sure|is it true|you sure|are you certain about that|is this true|is this correct|are you quite sure|are you absolutely sure|can i trust that|can i believe you|no way, really|for real|seriously|is that really true|is that so|oh really]
[really|sure|honestly|seriously|are you sure|are you certain|is that right|is that true|is that correct] [now|?|about it|of that|of this|this time|, model|, is it|, are you|or not|or wrong|or is it wrong]
[hm|hmm|oh|wow|well|wait|ok|so|and], [really|sure|are you sure|you are sure|is that right|is that true|is that correct|is it right|that is true|certain|you certain]
""".strip().splitlines()
SURE_ANSWER = "I think so, but I am only a small demo model. Please check."

# operation -> (phrasings, symbol)
NUMBER_STEPS = {
    "+": """
[add|now add|and add|please add|then add|can you add|could you add|next add|also add] {b} [to that|to it|to this|to the result|more|]
[and |now |][plus|+] {b}
[what is that|what's that|how much is that|what is it|that|and that] [plus|+|and] {b}
[{b} more|and {b} more|increase that by {b}|increase it by {b}|add {b} more]
""".strip().splitlines(),
    "-": """
[subtract|now subtract|and subtract|please subtract|take|now take|take away|then subtract] {b} [from that|from it|from this|from the result]
[and |now |][minus|-] {b}
[what is that|what's that|how much is that|what is it|that|and that] [minus|-|less] {b}
[{b} less|and {b} less|decrease that by {b}|decrease it by {b}|reduce that by {b}]
""".strip().splitlines(),
    "x": """
[multiply|now multiply|and multiply|please multiply|then multiply] [that|it|this|the result] [by|with] {b}
[and |now |][times|x|*] {b}
[what is that|what's that|how much is that|what is it|that|and that] times {b}
""".strip().splitlines(),
    "double": """
[double that|double it|now double it|and double that|please double that|twice that|what is twice that|what is double that|can you double that|and twice that|now double that]
""".strip().splitlines(),
}
