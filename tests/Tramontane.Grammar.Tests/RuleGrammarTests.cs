namespace Tramontane.Grammar.Tests;

/// <summary>Grammars of rules: Lark's notation, llama.cpp's, and nodes put together in code.</summary>
public sealed class RuleGrammarTests
{
    private const string Calculator = """
        // left recursion, direct and through another rule
        start: sum
        ?sum: product | sum "+" product -> add | sum "-" product
        ?product: atom
                | product "*" atom
                | product "/" atom
        atom: NUMBER | "-" atom | "(" sum ")"
        %import common.NUMBER
        %import common.WS_INLINE
        %ignore WS_INLINE
        """;

    [Theory]
    [InlineData("1+2*3", true)]
    [InlineData("1 + -(2 - 3.5)*4 ", true)]
    [InlineData("((1))", true)]
    [InlineData("1+", false)]
    [InlineData("(1", false)]
    [InlineData("1 2", false)]
    public void FromLark_WithLeftRecursion_AcceptsTheLanguage(string text, bool expected) =>
        Assert.Equal(expected, CompiledGrammar.FromLark(Texts.Bytes, Calculator).Accepts(text));

    [Theory]
    [InlineData("start: \"a\"i \"b\"..\"d\" ~ 2 [\"!\"]", "Abd!", true)]
    [InlineData("start: \"a\"i \"b\"..\"d\" ~ 2 [\"!\"]", "abe", false)]
    [InlineData("start: WORD (\",\" WORD)*\nWORD: /[a-z]+/", "ab,c", true)]
    [InlineData("start: /a.c/s", "a\nc", true)]
    [InlineData("start: /a.c/", "a\nc", false)]
    [InlineData("start: \"x=\" %json {\"type\":\"object\",\"properties\":{\"}\":{\"const\":\"{\"}}} \";\"", "x={\"}\":\"{\"};", true)]
    [InlineData("start: a\na: b \"1\" | \"2\"\nb: a \"3\" | \"4\"", "43", false)]
    [InlineData("start: a\na: b \"1\" | \"2\"\nb: a \"3\" | \"4\"", "231313", false)]
    [InlineData("start: a\na: b \"1\" | \"2\"\nb: a \"3\" | \"4\"", "231", true)]
    [InlineData("start: a\na: b \"1\" | \"2\"\nb: a \"3\" | \"4\"", "413131", true)]
    public void FromLark_OfEveryForm_AcceptsTheLanguage(string grammar, string text, bool expected) =>
        Assert.Equal(expected, CompiledGrammar.FromLark(Texts.Bytes, grammar).Accepts(text));

    [Theory]
    [InlineData("root ::= \"a\" b* # comment\nb ::= [x-z] | \"(\" root \")\"\n", "ax(ay)z", true)]
    [InlineData("root ::= (\n \"a\" |\n \"b\"\n){2,3}", "abab", false)]
    [InlineData("root ::= (\n \"a\" |\n \"b\"\n){2,3}", "aba", true)]
    [InlineData("root ::= [^\\n\\x22]+ \"\\n\"", "a é\n", true)]
    [InlineData("root ::= item+\nitem ::= \"- \" [a-z]{1,} \"\\n\"", "- ab\n- c\n", true)]
    [InlineData("root ::= root \"a\" | \"b\"", "baa", true)]
    public void FromGbnf_OfEveryForm_AcceptsTheLanguage(string grammar, string text, bool expected) =>
        Assert.Equal(expected, CompiledGrammar.FromGbnf(Texts.Bytes, grammar).Accepts(text));

    [Theory]
    [InlineData("start: \"a", 1, 10)]
    [InlineData("start: \"a\"\nstart: \"b\"", 2, 11)]
    [InlineData("start: /a/x", 1, 12)]
    [InlineData("start: %json {", 1, 14)]
    [InlineData("%import other.X", 1, 16)]
    [InlineData("template{x}: x", 1, 9)]
    public void FromLark_WithAFault_SaysWhere(string grammar, int line, int column)
    {
        GrammarException fault = Assert.Throws<GrammarException>(() => CompiledGrammar.FromLark(Texts.Bytes, grammar));
        Assert.Equal((line, column), (fault.Line, fault.Column));
    }

    [Theory]
    [InlineData("start: missing")]
    [InlineData("start: start")]
    [InlineData("start: \"a\" start")]
    [InlineData("start: a\na: [\"x\"] a \"y\" | \"z\"")]
    [InlineData("other: \"a\"")]
    public void FromLark_WithoutMeaning_IsRefused(string grammar) =>
        Assert.Throws<GrammarException>(() => CompiledGrammar.FromLark(Texts.Bytes, grammar));

    [Fact]
    public void FromLarkAndGbnf_RandomText_AnswersOrIsRefused()
    {
        string[] pieces = ["start", "root", ":", "::=", "\"a\"", "/b+/", "[a-c]", "(", ")", "|", "*", "+", "?", "~ 2..3", "{1,2}", "\n", " ", "x", "X", "%ignore", "%import common.WS", "[", "]", "<[256]>", "..", "->", "# c\n"];
        int compiled = 0;
        for (int seed = 0; seed < 6000; seed++)
        {
            var random = new Random(seed);
            string text = (seed % 2 == 0 ? "start: " : "root ::= ") + string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)] + (random.Next(2) == 0 ? " " : "")));
            try
            {
                CompiledGrammar grammar = seed % 2 == 0 ? CompiledGrammar.FromLark(Texts.Bytes, text) : CompiledGrammar.FromGbnf(Texts.Bytes, text);
                GrammarMatcher matcher = grammar.CreateMatcher();
                ulong[] mask = new ulong[Texts.Bytes.MaskWords];
                for (int step = 0; step < 20 && matcher.ComputeMask(mask); step++)
                {
                    int[] allowed = [.. Enumerable.Range(0, 257).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
                    Assert.True(matcher.TryConsume(allowed[random.Next(allowed.Length)]));
                }

                compiled++;
            }
            catch (GrammarException)
            {
                // refused, with a message
            }
        }

        Assert.True(compiled > 100, $"{compiled} compiled");
    }

    [Fact]
    public void FromNode_WithControlTokens_FitsTheirIdsAlone()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var vocabulary = new TokenVocabulary(300, id => id < 256 ? bytes.AsSpan(id, 1) : default, id => id >= 256, 299);
        CompiledGrammar grammar = CompiledGrammar.FromNode(vocabulary, new GrammarNode.Repeat(
            new GrammarNode.Sequence(new GrammarNode.Token(257), new GrammarNode.Text("f"), new GrammarNode.Token(258), new GrammarNode.Regex("[0-9]+")), 1));
        GrammarMatcher matcher = grammar.CreateMatcher();
        Assert.False(matcher.TryConsume('f'));
        foreach (int token in (int[])[257, 'f', 258, '1', '2', 257, 'f', 258, '3', 299])
        {
            Assert.False(matcher.TryConsume(0xFF)); // the byte that marks control tokens inside is no text
            Assert.True(matcher.TryConsume(token));
        }

        Assert.True(matcher.IsFinished);
    }
}
