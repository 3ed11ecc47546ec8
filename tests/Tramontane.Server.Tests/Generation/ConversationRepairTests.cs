using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Tests.Generation;

public sealed class ConversationRepairTests
{
    private static readonly InstructFormat s_format = new(ByteTokenizer.Instance);

    /// <summary>Messages as <c>role:text</c>; an assistant's calls as <c>a:text&gt;id=name</c>, a result as <c>t:text#id</c>.</summary>
    [Theory, ContractRow("chat.messages.order", "conflicts.role_order")]
    [InlineData("u:a u:b", "[INST]a\n\nb[/INST]")]
    [InlineData("u:a a:b s:c u:d", "[INST]a[/INST]b</s>[INST]c\n\nd[/INST]")]
    [InlineData("u:a a:b s:c", "[INST]a[/INST]b</s>[INST]c[/INST]")]
    [InlineData("s:a s:b", "[SYSTEM_PROMPT]a[/SYSTEM_PROMPT][SYSTEM_PROMPT]b[/SYSTEM_PROMPT]")]
    [InlineData("a:b", "[INST][/INST]b")]
    [InlineData("a:b u:c", "b</s>[INST]c[/INST]")]
    [InlineData("u:a a:b", "[INST]a[/INST]b")]
    [InlineData("u:a a: u:b", "[INST]a\n\nb[/INST]")]
    [InlineData("a:", "[INST][/INST]")]
    [InlineData("u:a t:b#x", "[INST]a\n\nb[/INST]")]
    [InlineData("u:a a:>123456789=f t:r#123456789 u:b", "[INST]a[/INST][TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT]r[/TOOL_RESULTS][INST]b[/INST]")]
    [InlineData("u:a a:>123456789=f u:b a:c u:d", "[INST]a[/INST][TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT][/TOOL_RESULTS][INST]b[/INST]c</s>[INST]d[/INST]")]
    [InlineData("u:a a:>123456789=f u:b t:r#123456789 a:c u:d", "[INST]a[/INST][TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT]r[/TOOL_RESULTS][INST]b[/INST]c</s>[INST]d[/INST]")]
    [InlineData("u:a a:>123456789=my.tool t:r#123456789", "[INST]a[/INST][TOOL_CALLS]my_tool[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT]r[/TOOL_RESULTS]")]
    [InlineData("a:>123456789=f t:r#123456789", "[INST][/INST][TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT]r[/TOOL_RESULTS]")]
    [InlineData("u:a a:>123456789=f t:r#123456789 t:q#123456789", "[INST]a[/INST][TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]123456789[TOOL_CONTENT]r[/TOOL_RESULTS][INST]q[/INST]")]
    public void TryEncode_OfAnUnusualOrder_WritesEveryText(string conversation, string expected)
    {
        Assert.True(ChatPrompt.TryEncode(s_format, Parse(conversation), WireNames.Chat, out EncodedChat? prompt, out _));
        Assert.Equal("<s>" + expected, ByteTokenizer.Instance.Decode([.. prompt.Tokens], ControlTokens.Keep));
    }

    [Theory, ContractRow("chat.messages.tool_ids", "conflicts.tool_call_id")]
    [InlineData("call_0123456789abcdefghijklmn")]
    [InlineData("toolu_01A")]
    [InlineData("1")]
    [InlineData("")]
    public void TryEncode_WithAForeignId_WritesTheSameNineCharactersInCallAndResult(string id)
    {
        ChatConversation conversation = Parse($"u:a a:>{id}=f t:r#{id}");
        Assert.True(ChatPrompt.TryEncode(s_format, conversation, WireNames.Chat, out EncodedChat? prompt, out _));
        string text = ByteTokenizer.Instance.Decode([.. prompt.Tokens], ControlTokens.Keep);
        string native = text[(text.IndexOf("[CALL_ID]", StringComparison.Ordinal) + 9)..text.IndexOf("[ARGS]", StringComparison.Ordinal)];
        Assert.Matches("^[0-9A-Za-z]{9}$", native);
        Assert.Contains($"[TOOL_RESULTS]{native}[TOOL_CONTENT]", text, StringComparison.Ordinal);
        Assert.Equal(native, ToolCallIds.Normalize(id));
    }

    [Fact]
    public void TryEncode_WithTheSameIdTwice_KeepsTheCallsApart()
    {
        ChatConversation conversation = Parse("u:a a:>x=f t:one#x t:two#x");
        ChatMessage calls = conversation.Messages[1] with { ToolCalls = [new ToolCall("x", "f", "{}"), new ToolCall("x", "g", "{}")] };
        Assert.True(ChatPrompt.TryEncode(s_format, conversation with { Messages = [conversation.Messages[0], calls, .. conversation.Messages.Skip(2)] }, WireNames.Chat, out EncodedChat? prompt, out _));
        string text = ByteTokenizer.Instance.Decode([.. prompt.Tokens], ControlTokens.Keep);
        Assert.Contains("[TOOL_CONTENT]one[/TOOL_RESULTS]", text, StringComparison.Ordinal);
        Assert.Contains("[TOOL_CONTENT]two[/TOOL_RESULTS]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TryEncode_OfWhatTheFormatAccepts_RepairsNothing()
    {
        ChatConversation conversation = Parse("u:a a:>123456789=f u:b"); // an unanswered call before a user turn is allowed
        Assert.True(ChatPrompt.TryEncode(s_format, conversation, WireNames.Chat, out EncodedChat? prompt, out _));
        Assert.DoesNotContain(SpecialTokens.BeginToolResults, prompt.Tokens);
    }

    [Fact, ContractRow("errors.schema")]
    public void TryEncode_WithABadSchema_NamesTheTool()
    {
        ChatConversation conversation = Parse("u:a") with { Tools = [new ToolDefinition("f", "", "{}"), new ToolDefinition("g", "", """{"type":"thing"}""")] };
        Assert.False(ChatPrompt.TryEncode(s_format, conversation, WireNames.Chat, out _, out ApiError? error));
        Assert.Equal(("invalid_function_parameters", "tools[1].function.parameters", 400), (error.Code, error.Param, error.Status));
    }

    [Fact]
    public void TryEncode_OfThousandsOfForeignCalls_IsLinear()
    {
        const int Count = 20_000; // a search per call would take minutes on the hundred thousand that a body may hold
        ChatMessage calls = new() { Role = ChatRole.Assistant, ToolCalls = [.. Enumerable.Range(0, Count).Select(i => new ToolCall(i % 2 == 0 ? "same" : $"call_{i}", "f", "{}"))] };
        IEnumerable<ChatMessage> results = Enumerable.Range(0, Count).Select(i => new ChatMessage { Role = ChatRole.Tool, ToolCallId = $"call_{Count - 1 - i}", Content = [new TextPart("r")] });
        Assert.True(ChatPrompt.TryEncode(s_format, new ChatConversation { Messages = [calls, .. results] }, WireNames.Chat, out EncodedChat? prompt, out _));
        Assert.Equal(Count, prompt.Tokens.Count(t => t == SpecialTokens.BeginToolResults));
    }

    [Fact]
    public void TryEncode_OfRandomConversations_NeverRefusesNorLosesText()
    {
        string[] ids = ["123456789", "call_1", "x", "null"];
        for (int seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            var texts = new List<string>();
            var messages = new List<ChatMessage>();
            for (int i = random.Next(1, 9); i > 0; i--)
            {
                string text = random.Next(4) == 0 ? "" : $"text{messages.Count}";
                texts.Add(text);
                messages.Add((ChatRole)random.Next(4) switch
                {
                    ChatRole.Assistant => new ChatMessage
                    {
                        Role = ChatRole.Assistant,
                        Content = [new TextPart(text)],
                        ToolCalls = [.. Enumerable.Range(0, random.Next(3)).Select(_ => new ToolCall(ids[random.Next(4)], "f.g", "{}"))],
                        Prefix = random.Next(5) == 0,
                    },
                    ChatRole.Tool => new ChatMessage { Role = ChatRole.Tool, Content = [new TextPart(text)], ToolCallId = ids[random.Next(4)], Name = "odd name" },
                    ChatRole role => new ChatMessage { Role = role, Content = [new TextPart(text)] },
                });
            }

            bool encoded = ChatPrompt.TryEncode(s_format, new ChatConversation { Messages = messages }, WireNames.Chat, out EncodedChat? prompt, out ApiError? error);
            Assert.True(encoded, $"seed {seed}: {error?.Message}");
            string written = ByteTokenizer.Instance.Decode([.. prompt!.Tokens], ControlTokens.Keep);
            Assert.All(texts, text => Assert.True(written.Contains(text, StringComparison.Ordinal), $"seed {seed}: '{text}' lost in {written}"));
        }
    }

    private static ChatConversation Parse(string conversation) => new() { Messages = [.. conversation.Split(' ').Select(ParseMessage)] };

    private static ChatMessage ParseMessage(string message)
    {
        string text = message[2..];
        switch (message[0])
        {
            case 'a':
                string[] halves = text.Split('>');
                ToolCall[] calls = halves.Length == 1 ? [] : [new ToolCall(halves[1].Split('=')[0], halves[1].Split('=')[1], "{}")];
                return new ChatMessage { Role = ChatRole.Assistant, Content = [new TextPart(halves[0])], ToolCalls = calls };
            case 't':
                return new ChatMessage { Role = ChatRole.Tool, Content = [new TextPart(text.Split('#')[0])], ToolCallId = text.Split('#')[1] };
            default:
                return new ChatMessage { Role = message[0] == 'u' ? ChatRole.User : ChatRole.System, Content = [new TextPart(text)] };
        }
    }
}
