using System.Text.Json.Serialization;

namespace Tramontane.Server.Console.Playground;

/// <summary>A prompt to begin with.</summary>
/// <param name="Title">Two or three words.</param>
/// <param name="Text">What goes into the message box.</param>
/// <param name="Setup">Controls that it sets, by their names.</param>
internal sealed record StarterPrompt(
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("setup")] IReadOnlyDictionary<string, string> Setup);

/// <summary>A text for one of the editors.</summary>
/// <param name="Label">In the list of examples.</param>
/// <param name="Text">The text.</param>
internal sealed record EditorExample([property: JsonPropertyName("label")] string Label, [property: JsonPropertyName("text")] string Text);

/// <summary>What the playground offers to begin with.</summary>
internal static class PlaygroundExamples
{
    internal const string SystemPrompt = "You are a helpful AI assistant.";

    private const string InvoiceSchema = """
        {
          "type": "object",
          "properties": {
            "number": { "type": "string", "maxLength": 20 },
            "date": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
            "total": { "type": "number" },
            "currency": { "enum": ["EUR", "USD", "GBP"] }
          },
          "required": ["number", "date", "total", "currency"],
          "additionalProperties": false
        }
        """;

    private const string SentimentSchema = """
        {
          "type": "object",
          "properties": {
            "sentiment": { "enum": ["positive", "neutral", "negative"] },
            "confidence": { "type": "integer", "minimum": 0, "maximum": 100 }
          },
          "required": ["sentiment", "confidence"],
          "additionalProperties": false
        }
        """;

    private const string WeatherTool = """
        [
          {
            "type": "function",
            "function": {
              "name": "get_weather",
              "description": "The weather of a city, now.",
              "parameters": {
                "type": "object",
                "properties": {
                  "city": { "type": "string", "maxLength": 60 },
                  "unit": { "enum": ["celsius", "fahrenheit"] }
                },
                "required": ["city"],
                "additionalProperties": false
              }
            }
          }
        ]
        """;

    private const string DeskTools = """
        [
          {
            "type": "function",
            "function": {
              "name": "find_order",
              "description": "An order by its number.",
              "parameters": {
                "type": "object",
                "properties": { "order": { "type": "integer", "minimum": 1, "maximum": 999999 } },
                "required": ["order"],
                "additionalProperties": false
              }
            }
          },
          {
            "type": "function",
            "function": {
              "name": "refund_order",
              "description": "Pays an order back, wholly or in part.",
              "parameters": {
                "type": "object",
                "properties": {
                  "order": { "type": "integer", "minimum": 1, "maximum": 999999 },
                  "percent": { "type": "integer", "minimum": 1, "maximum": 100 }
                },
                "required": ["order", "percent"],
                "additionalProperties": false
              }
            }
          }
        ]
        """;

    internal static IReadOnlyList<EditorExample> Schemas { get; } = [new("Invoice", InvoiceSchema), new("Sentiment", SentimentSchema)];

    internal static IReadOnlyList<EditorExample> Tools { get; } = [new("Weather", WeatherTool), new("Order desk", DeskTools)];

    /// <summary>What the examples' functions might answer, by their names: the results that the playground suggests.</summary>
    internal static IReadOnlyDictionary<string, string> Results { get; } = new Dictionary<string, string>
    {
        ["get_weather"] = """{"temperature": 21, "unit": "celsius", "sky": "clear", "wind": "north-west, 40 km/h"}""",
        ["find_order"] = """{"order": 1042, "status": "delivered", "total": 59.90, "currency": "EUR"}""",
        ["refund_order"] = """{"status": "refunded"}""",
    };

    /// <summary>Four prompts that show what the model is for; the bundled demo model gets four that it can answer.</summary>
    internal static IReadOnlyList<StarterPrompt> Starters(bool isDemo) => isDemo
        ?
        [
            new("Introduction", "What is Tramontane?", new Dictionary<string, string>()),
            new("The real model", "Tell me about Mistral Small 3.2.", new Dictionary<string, string>()),
            new("A judgement as JSON", "I love this server!", new Dictionary<string, string> { ["response_format"] = "json_schema", ["schema"] = SentimentSchema }),
            new("A tool call", "What is the weather in Marseille?", new Dictionary<string, string> { ["tools"] = WeatherTool, ["tool_choice"] = "required" }),
        ]
        :
        [
            new("Explain", "Explain to a new developer why an HTTP server may answer 429, and what a good client does then. Five sentences.", new Dictionary<string, string>()),
            new("Write code", "Write a C# method that merges overlapping intervals, with a short explanation of its complexity.", new Dictionary<string, string>()),
            new(
                "Extract as JSON",
                "Invoice no. 2025-0117 of 3 March 2025\n12 h of consulting at 95.00 EUR, plus 19 % VAT.\nTotal due: 1,356.60 EUR",
                new Dictionary<string, string> { ["response_format"] = "json_schema", ["schema"] = InvoiceSchema, ["temperature"] = "0.15" }),
            new("Call a tool", "Is it warmer in Marseille or in Oslo right now?", new Dictionary<string, string> { ["tools"] = WeatherTool, ["temperature"] = "0.15" }),
        ];
}
