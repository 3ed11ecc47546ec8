namespace Tramontane.Tokenization;

/// <summary>Ids and names of the control tokens that the instruct format uses, as the model's tekken.json declares them.</summary>
public static class SpecialTokens
{
    /// <summary><c>&lt;unk&gt;</c>: never produced.</summary>
    public const int Unknown = 0;

    /// <summary><c>&lt;s&gt;</c>: begins every prompt.</summary>
    public const int Bos = 1;

    /// <summary><c>&lt;/s&gt;</c>: ends every assistant message.</summary>
    public const int Eos = 2;

    /// <summary><c>[INST]</c>: begins a user message.</summary>
    public const int BeginInstruction = 3;

    /// <summary><c>[/INST]</c>: ends a user message.</summary>
    public const int EndInstruction = 4;

    /// <summary><c>[AVAILABLE_TOOLS]</c>: begins the JSON list of tools.</summary>
    public const int BeginAvailableTools = 5;

    /// <summary><c>[/AVAILABLE_TOOLS]</c>: ends the JSON list of tools.</summary>
    public const int EndAvailableTools = 6;

    /// <summary><c>[TOOL_RESULTS]</c>: begins a tool message.</summary>
    public const int BeginToolResults = 7;

    /// <summary><c>[/TOOL_RESULTS]</c>: ends a tool message.</summary>
    public const int EndToolResults = 8;

    /// <summary><c>[TOOL_CALLS]</c>: begins each tool call of an assistant message.</summary>
    public const int ToolCalls = 9;

    /// <summary><c>[IMG]</c>: stands for one merged image patch.</summary>
    public const int Image = 10;

    /// <summary><c>&lt;pad&gt;</c>: never produced.</summary>
    public const int Pad = 11;

    /// <summary><c>[IMG_BREAK]</c>: ends a row of image patches.</summary>
    public const int ImageBreak = 12;

    /// <summary><c>[IMG_END]</c>: ends the last row of image patches.</summary>
    public const int ImageEnd = 13;

    /// <summary><c>[SYSTEM_PROMPT]</c>: begins a system message.</summary>
    public const int BeginSystemPrompt = 17;

    /// <summary><c>[/SYSTEM_PROMPT]</c>: ends a system message.</summary>
    public const int EndSystemPrompt = 18;

    /// <summary><c>[TOOL_CONTENT]</c>: stands between the call id and the content of a tool message.</summary>
    public const int ToolContent = 19;

    /// <summary><c>[ARGS]</c>: begins the arguments of a tool call.</summary>
    public const int Arguments = 32;

    /// <summary><c>[CALL_ID]</c>: begins the id of a tool call.</summary>
    public const int CallId = 33;

    /// <summary>How many ids the model keeps for control tokens; ordinary tokens begin after them.</summary>
    public const int Count = 1000;

    private static readonly string[] s_first =
    [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
        "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]",
        "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
    ];

    /// <summary>The usual name of a control token; <c>&lt;SPECIAL_n&gt;</c> where none is known.</summary>
    /// <param name="tokenId">An id that is not negative.</param>
    public static string NameOf(int tokenId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenId);
        return tokenId < s_first.Length ? s_first[tokenId] : tokenId switch
        {
            Arguments => "[ARGS]",
            CallId => "[CALL_ID]",
            _ => $"<SPECIAL_{tokenId}>",
        };
    }

    /// <summary>The usual names of the ids 0 to <paramref name="count"/> - 1, for files that do not list them.</summary>
    public static string[] Names(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var names = new string[count];
        for (int i = 0; i < count; i++)
        {
            names[i] = NameOf(i);
        }

        return names;
    }
}
