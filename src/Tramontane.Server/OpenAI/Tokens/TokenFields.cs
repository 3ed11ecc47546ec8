using Tramontane.Server.Mistral;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Tokens;

/// <summary>The fields of <c>POST /tokenize</c> and <c>POST /detokenize</c>.</summary>
internal static class TokenFields
{
    private static readonly ShapedField s_model = new("model", "string", """{"type":"string"}""", "May be left out.") { Example = "\"mistral-small-2506\"" };

    internal static RequestShape TokenizeShape { get; } = new("tokenize",
    [
        s_model,
        new ShapedField("prompt", "string", """{"type":"string"}""", "A text; or `messages`.") { Example = "\"Hello\"" },
        new ShapedField("messages", "array", ChatFields.Messages.Schema().ToJsonString(), "The prompt that a chat would have.") { Example = ChatFields.Messages.Example },
        ChatFields.Tools, ChatFields.ContinueFinalMessage, MistralFields.SafePrompt,
        new BooleanField("add_generation_prompt", "Accepted for vLLM's sake: prompts always end where the answer begins.") { Example = "true" },
        new BooleanField("add_special_tokens", "True unless given: the begin-of-sequence token in front of a text.") { Example = "false" },
        new BooleanField("return_token_strs", "Adds the tokens as texts.") { Example = "true" },
    ]);

    internal static RequestShape DetokenizeShape { get; } = new("detokenize",
    [
        s_model,
        new ShapedField("tokens", "array of token ids", """{"type":"array","items":{"type":"integer","minimum":0}}""", "Control tokens are left out of the text.") { Example = "[1097]", IsRequired = true },
    ]);
}
