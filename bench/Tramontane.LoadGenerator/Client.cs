using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Tramontane.LoadGenerator;

/// <summary>What one request felt like.</summary>
/// <param name="Class">Its kind.</param>
/// <param name="Error">What went wrong; null when nothing did.</param>
/// <param name="TimeToFirst">From its arrival to the first text.</param>
/// <param name="Gaps">Between one piece of text and the next.</param>
/// <param name="Total">From its arrival to its end.</param>
/// <param name="Text">The answer.</param>
/// <param name="PromptTokens">As the server counts.</param>
/// <param name="CachedTokens">As the server counts.</param>
/// <param name="CompletionTokens">As the server counts.</param>
internal sealed record Outcome(
    RequestClass Class, string? Error, TimeSpan TimeToFirst, IReadOnlyList<TimeSpan> Gaps, TimeSpan Total, string Text, long PromptTokens, long CachedTokens, long CompletionTokens)
{
    /// <summary>The error of a request that left on purpose.</summary>
    public const string Left = "left";
}

/// <summary>Sends streamed chat completions and takes the times.</summary>
internal sealed class Client : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _model;

    public Client(Uri url, string model, string? key)
    {
        _model = model;
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Sends one request and reads its answer to the end, or leaves after some pieces of it.</summary>
    public async Task<Outcome> RunAsync(RequestClass kind, string prompt, int seed, int? leaveAfter, CancellationToken cancellationToken)
    {
        long arrival = Stopwatch.GetTimestamp(), last = arrival;
        TimeSpan first = default;
        var gaps = new List<TimeSpan>();
        var text = new StringBuilder();
        long promptTokens = 0, cachedTokens = 0, completionTokens = 0;
        Outcome Result(string? error) => new(kind, error, first, gaps, Stopwatch.GetElapsedTime(arrival), text.ToString(), promptTokens, cachedTokens, completionTokens);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions")
            {
                Content = JsonContent.Create(new
                {
                    model = _model,
                    messages = new[] { new { role = "user", content = prompt } },
                    max_tokens = kind.OutputTokens,
                    seed,
                    stream = true,
                    stream_options = new { include_usage = true },
                }),
            };
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return Result($"{(int)response.StatusCode}");
            }

            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            {
                if (item.Data == "[DONE]")
                {
                    return Result(null);
                }

                using JsonDocument chunk = JsonDocument.Parse(item.Data);
                JsonElement root = chunk.RootElement;
                if (root.TryGetProperty("error", out _))
                {
                    return Result("error event");
                }

                if (Text(root) is { Length: > 0 } piece)
                {
                    text.Append(piece);
                    if (gaps.Count >= leaveAfter)
                    {
                        return Result(Outcome.Left);
                    }

                    long now = Stopwatch.GetTimestamp();
                    if (first == default)
                    {
                        first = Stopwatch.GetElapsedTime(arrival, now);
                    }
                    else
                    {
                        gaps.Add(Stopwatch.GetElapsedTime(last, now));
                    }

                    last = now;
                }

                if (root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
                {
                    promptTokens = usage.GetProperty("prompt_tokens").GetInt64();
                    completionTokens = usage.GetProperty("completion_tokens").GetInt64();
                    cachedTokens = usage.TryGetProperty("prompt_tokens_details", out JsonElement details) && details.ValueKind == JsonValueKind.Object
                        && details.TryGetProperty("cached_tokens", out JsonElement cached) && cached.ValueKind == JsonValueKind.Number ? cached.GetInt64() : 0;
                }
            }

            return Result("ended without [DONE]");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            return Result(exception.GetType().Name);
        }
    }

    public void Dispose() => _http.Dispose();

    private static string? Text(JsonElement chunk) =>
        !chunk.TryGetProperty("choices", out JsonElement choices) || choices.GetArrayLength() == 0 || !choices[0].TryGetProperty("delta", out JsonElement delta) ? null
        : delta.TryGetProperty("tool_calls", out JsonElement calls) && calls.ValueKind == JsonValueKind.Array ? calls.GetRawText()
        : delta.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.String ? content.GetString() : null;
}
