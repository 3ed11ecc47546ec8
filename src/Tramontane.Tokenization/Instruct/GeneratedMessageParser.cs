using System.Diagnostics.CodeAnalysis;

namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// Reads a whole generated message: text, then calls of the form <c>[TOOL_CALLS]</c> name (<c>[CALL_ID]</c> id)
/// <c>[ARGS]</c> arguments. Other control tokens are left out. For whole answers; a stream is put together as it comes.
/// </summary>
/// <param name="tokenizer">The model's vocabulary.</param>
/// <param name="respellArguments">
/// Write arguments as the reference does, which reads and dumps them with ASCII escapes; false keeps the model's own
/// spelling. Either way they must be JSON: an object, null (which gives <c>{}</c>), or a string (which gives its text).
/// </param>
public sealed class GeneratedMessageParser(Tokenizer tokenizer, bool respellArguments = false)
{
    /// <summary>Reads the ids from the first generated one on, with or without the end of the sequence.</summary>
    /// <param name="ids">Generated ids; any are safe to pass.</param>
    /// <param name="message">What was read; null on a fault.</param>
    /// <param name="error">The first fault, which carries the text; null when all is well. A call without an id gets the text <c>null</c>.</param>
    public bool TryParse(
        ReadOnlySpan<int> ids, [NotNullWhen(true)] out GeneratedMessage? message, [NotNullWhen(false)] out GeneratedMessageError? error)
    {
        message = null;
        error = null;
        foreach (int id in ids)
        {
            if (id < 0 || id >= tokenizer.VocabularySize)
            {
                error = new GeneratedMessageError(GeneratedMessageErrorKind.UnknownToken, null, $"Token id {id} is not in the vocabulary.", "");
                return false;
            }
        }

        int textEnd = ids.IndexOf(SpecialTokens.ToolCalls);
        textEnd = textEnd < 0 ? ids.Length : textEnd;
        var calls = new List<ToolCall>();
        for (int start = textEnd; start < ids.Length;)
        {
            int length = ids[(start + 1)..].IndexOf(SpecialTokens.ToolCalls);
            int end = length < 0 ? ids.Length : start + 1 + length;
            ToolCall? call = ParseCall(ids[(start + 1)..end], calls.Count, out GeneratedMessageErrorKind kind, out string fault);
            if (call is null)
            {
                ReadOnlySpan<int> shown = ids[^1] == SpecialTokens.Eos ? ids[..^1] : ids;
                error = new GeneratedMessageError(kind, calls.Count, fault, tokenizer.Decode(shown, ControlTokens.Keep));
                return false;
            }

            calls.Add(call);
            start = end;
        }

        string? content = textEnd > 0 ? tokenizer.Decode(ids[..textEnd]) : null;
        message = new GeneratedMessage(content, calls, Prefix: ids.IsEmpty || ids[^1] != SpecialTokens.Eos);
        return true;
    }

    private ToolCall? ParseCall(ReadOnlySpan<int> ids, int index, out GeneratedMessageErrorKind kind, out string fault)
    {
        kind = GeneratedMessageErrorKind.MalformedCall;
        fault = "";
        int argumentsAt = ids.IndexOf(SpecialTokens.Arguments);
        if (argumentsAt < 0 || ids.Count(SpecialTokens.Arguments) > 1)
        {
            fault = $"Tool call {index} has {(argumentsAt < 0 ? "no" : "more than one")} [ARGS].";
            return null;
        }

        int idAt = ids.IndexOf(SpecialTokens.CallId);
        if (ids.Count(SpecialTokens.CallId) > 1 || idAt > argumentsAt)
        {
            fault = $"Tool call {index} has more than one [CALL_ID], or has it after [ARGS].";
            return null;
        }

        string name = tokenizer.Decode(ids[..(idAt < 0 ? argumentsAt : idAt)]);
        string id = idAt < 0 ? ConversationValidator.NoId : tokenizer.Decode(ids[(idAt + 1)..argumentsAt]);
        string raw = tokenizer.Decode(ids[(argumentsAt + 1)..]);
        if (PythonJson.Load(raw, out PythonJsonValue? arguments) != JsonReading.Ok)
        {
            kind = GeneratedMessageErrorKind.InvalidArguments;
            fault = $"The arguments of tool call {index} are not JSON.";
            return null;
        }

        switch (arguments!.Kind)
        {
            case JsonKind.Object:
                return new ToolCall(id, name, respellArguments ? PythonJson.Dump(arguments, escapeNonAscii: true) : raw);
            case JsonKind.Null:
                return new ToolCall(id, name, "{}");
            case JsonKind.String:
                return new ToolCall(id, name, arguments.Text);
            default:
                kind = GeneratedMessageErrorKind.WrongArgumentsType;
                fault = $"The arguments of tool call {index} are a JSON {arguments.Kind}, not an object.";
                return null;
        }
    }
}
