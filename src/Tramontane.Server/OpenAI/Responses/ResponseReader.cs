using System.Text.Json;
using Tramontane.Inference.Sampling;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>Reads the body of <c>POST /v1/responses</c>.</summary>
internal static class ResponseReader
{
    private const string LogprobsInclude = "message.output_text.logprobs";

    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    internal static ResponseRequest Read(JsonField body, ClientStyle style, ServerOptions options)
    {
        string model = style.Model(body).Required().String() ?? "";
        List<ChatMessage> input = InputReader.Read(body["input"].Required());
        string? instructions = body["instructions"].String();
        (List<ToolDefinition> tools, List<bool?> strict) = ReadTools(body["tools"]);
        double temperature = SamplingFields.Temperature.Read(body) ?? options.DefaultTemperature;
        double topP = SamplingFields.TopP.ReadOrDefault(body);
        int topLogprobs = ResponseFields.TopLogprobs.Count(body) ?? 0;
        bool includesLogprobs = body["include"].Items("an array of strings").Any(item => item.Required().String() == LogprobsInclude);
        JsonField seed = body["seed"].IsPresent ? body["seed"] : body["random_seed"];
        Refuse(body);
        var conversation = new ChatConversation { Messages = [.. Instruct(instructions), .. input], Tools = tools };
        return new ResponseRequest
        {
            Chat = new ChatRequest
            {
                Model = model,
                Conversation = conversation,
                Sampling = new SamplingParameters
                {
                    Temperature = (float)temperature,
                    TopP = SamplingReader.TopP(topP),
                    Seed = (ulong)(seed.Integer(long.MinValue, long.MaxValue) ?? SamplingReader.RandomSeed()),
                },
                MaxTokens = ResponseFields.MaxOutputTokens.Count(body),
                TopLogprobs = topLogprobs > 0 || includesLogprobs ? topLogprobs : null,
                ToolChoice = ToolChoiceReader.Read(body["tool_choice"], tools, isFlat: true),
                ParallelToolCalls = ResponseFields.ParallelToolCalls.Read(body) ?? true,
                ResponseFormat = ResponseFormatReader.Read(body["text"].Object()["format"], isFlat: true),
                Names = WireNames.Responses,
            },
            Input = input,
            Instructions = instructions,
            PreviousResponseId = body["previous_response_id"].String(),
            Stream = body["stream"].Boolean() ?? false,
            Store = (ResponseFields.Store.Read(body) ?? true) && options.StoreResponses,
            TopLogprobs = topLogprobs,
            Temperature = temperature,
            TopP = topP,
            Tools = [.. tools.Select((tool, i) => ResponseTool.From(tool, strict[i]))],
            ToolChoice = Echo(body["tool_choice"], tools.Count > 0 || !body["tool_choice"].IsPresent ? "\"auto\"" : "\"none\""),
            Metadata = Echo(body["metadata"].Object(), "{}"),
        };
    }

    /// <summary>The instructions as the message in front.</summary>
    internal static IEnumerable<ChatMessage> Instruct(string? instructions) =>
        string.IsNullOrEmpty(instructions) ? [] : [new ChatMessage { Role = ChatRole.System, Content = [new TextPart(instructions)] }];

    private static (List<ToolDefinition> Tools, List<bool?> Strict) ReadTools(JsonField tools)
    {
        var strict = new List<bool?>();
        foreach (JsonField tool in tools.Items("an array of objects"))
        {
            _ = tool.Required().Object()["type"].Required();
            strict.Add(tool["strict"].Boolean());
        }

        List<ToolDefinition> read = ToolReader.Read(tools, isFlat: true);
        strict.AddRange(new bool?[Math.Max(0, read.Count - strict.Count)]); // a refused list may end early in either
        return (read, strict);
    }

    private static void Refuse(JsonField body)
    {
        foreach (RequestField refused in ResponseFields.Refused)
        {
            JsonField field = body[refused.Name];
            bool asks = field.IsBoolean ? field.Boolean() == true : field.IsNonEmpty;
            if (asks)
            {
                field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{field.Path}'. {refused.Note}"));
            }
        }
    }

    private static JsonElement Echo(JsonField field, string otherwise)
    {
        using JsonDocument document = JsonDocument.Parse(field.IsPresent ? field.RawText() : otherwise, new JsonDocumentOptions { MaxDepth = RequestBody.MaxDepth });
        return document.RootElement.Clone();
    }
}
