using Tramontane.Inference.Sampling;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>Reads the body of <c>POST /v1/messages</c>.</summary>
internal static class MessageReader
{
    /// <summary>Each is looked for in every piece of the answer.</summary>
    private const int MaxStops = 256;

    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    /// <param name="body">The body.</param>
    /// <param name="style">The client.</param>
    /// <param name="options">Limits and defaults.</param>
    /// <param name="isCount">Tokens are counted only: no limit for an answer is needed.</param>
    internal static MessageRequest Read(JsonField body, ClientStyle style, ServerOptions options, bool isCount)
    {
        string model = style.Model(body).Required().String() ?? "";
        int? maxTokens = isCount ? null : MessageFields.MaxTokens.Count(Requires(body, "max_tokens"));
        var conversation = new ChatConversation
        {
            Messages = [.. ReadSystem(body["system"]), .. TurnReader.Read(body["messages"])],
            Tools = ReadTools(body["tools"]),
        };
        RefuseUnsupported(body);
        (ToolChoice choice, bool parallel) = ReadToolChoice(body["tool_choice"], conversation.Tools);
        return new MessageRequest(
            new ChatRequest
            {
                Model = model,
                Conversation = conversation,
                Sampling = new SamplingParameters
                {
                    Temperature = (float)(MessageFields.Temperature.Read(body) ?? options.DefaultTemperature),
                    TopP = SamplingReader.TopP(MessageFields.TopP.Read(body)),
                    TopK = MessageFields.TopK.Count(body) ?? 0,
                    Seed = (ulong)(body["seed"].Integer(long.MinValue, long.MaxValue) ?? SamplingReader.RandomSeed()),
                },
                MaxTokens = maxTokens,
                Stop = ReadStopSequences(body["stop_sequences"]),
                ToolChoice = choice,
                ParallelToolCalls = parallel,
                ResponseFormat = ReadFormat(body["output_format"].IsPresent ? body["output_format"] : body["output_config"].Object()["format"]),
                Names = WireNames.Anthropic,
            },
            body["stream"].Boolean() ?? false);
    }

    private static JsonField Requires(JsonField body, string name)
    {
        _ = body[name].Required();
        return body;
    }

    private static IEnumerable<ChatMessage> ReadSystem(JsonField system)
    {
        IReadOnlyList<ContentPart> parts = BillingLine.LeaveOut(system, BlockReader.ReadTexts(system));
        return parts.OfType<TextPart>().All(p => p.Text.Length == 0) ? [] : [new ChatMessage { Role = ChatRole.System, Content = parts }];
    }

    private static List<ToolDefinition> ReadTools(JsonField tools)
    {
        var read = new List<ToolDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonField tool in tools.Items("an array of objects"))
        {
            JsonField type = tool.Required().Object()["type"];
            if (type.String() is { } other and not "custom")
            {
                type.Refuse(ApiError.NotSupportedValue(type.Path, $"'{other}' is a tool that runs at Anthropic; this server runs none. Supported values are: 'custom'."));
            }

            _ = tool["input_schema"].Required();
            read.Add(ToolReader.ReadDefinition(tool, "input_schema", names));
        }

        return read;
    }

    private static (ToolChoice Choice, bool Parallel) ReadToolChoice(JsonField choice, IReadOnlyList<ToolDefinition> tools)
    {
        ToolChoice auto = tools.Count > 0 ? ToolChoice.Auto : ToolChoice.None;
        if (!choice.Object().IsObject)
        {
            return (auto, true);
        }

        bool parallel = !(choice["disable_parallel_tool_use"].Boolean() ?? false);
        string? type = choice["type"].Required().Choice("auto", "any", "tool", "none");
        string? name = type == "tool" ? choice["name"].Required().String() : null;
        if (type is "any" or "tool" && tools.Count == 0)
        {
            choice.Refuse(ApiError.InvalidValue(choice.Path, $"tool_choice '{type}' is only allowed when tools are specified."));
        }
        else if (name is not null && tools.All(t => t.Name != name))
        {
            choice.Refuse(ApiError.InvalidValue(choice.Path, $"Tool '{name}' not found in the provided tools."));
        }

        ToolChoice read = type switch
        {
            "none" => ToolChoice.None,
            "any" => ToolChoice.Required,
            "tool" => new ToolChoice(ToolChoiceMode.Required, [name ?? ""]),
            _ => auto,
        };
        return (read, parallel);
    }

    private static ResponseFormat ReadFormat(JsonField format)
    {
        if (!format.Object().IsObject)
        {
            return ResponseFormat.Text;
        }

        JsonField type = format["type"].Required();
        _ = type.Choice("json_schema");
        JsonField schema = format["schema"].Required().Object();
        return new ResponseFormat(ResponseFormatKind.JsonSchema, schema.IsObject ? schema.RawText() : "{}", Path: schema.Path);
    }

    private static List<string> ReadStopSequences(JsonField field)
    {
        var stops = new List<string>();
        if (field.Length > MaxStops)
        {
            field.Refuse(ApiError.ArrayTooLong(field.Path, MaxStops, field.Length));
        }

        foreach (JsonField item in field.Items("an array of strings"))
        {
            string text = item.Required().String() ?? "";
            if (item.IsString && text.Length == 0)
            {
                item.Refuse(ApiError.EmptyString(item.Path));
            }

            stops.Add(text);
        }

        return stops;
    }

    private static void RefuseUnsupported(JsonField body)
    {
        _ = body["metadata"].Object();
        if (body["mcp_servers"].IsNonEmpty)
        {
            body["mcp_servers"].Refuse(ApiError.NotSupportedParameter("mcp_servers", "MCP servers are not supported: connect to them yourself and offer their tools in 'tools'."));
        }
    }
}
