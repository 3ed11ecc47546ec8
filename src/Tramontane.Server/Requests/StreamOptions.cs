namespace Tramontane.Server.Requests;

/// <summary>Whether and how an answer is streamed.</summary>
/// <param name="Stream">Server-sent events instead of one JSON object.</param>
/// <param name="IncludeUsage">Token counts come in a chunk of their own at the end.</param>
internal readonly record struct StreamOptions(bool Stream, bool IncludeUsage)
{
    internal static StreamOptions Read(JsonField body)
    {
        bool stream = body["stream"].Boolean() ?? false;
        JsonField options = body["stream_options"].Object();
        if (options.IsPresent && !stream)
        {
            options.Refuse(ApiError.InvalidValue(options.Path, "The 'stream_options' parameter is only allowed when 'stream' is enabled."));
        }

        _ = options["include_obfuscation"].Boolean(); // checked, without effect: nothing is padded here
        return new StreamOptions(stream, options["include_usage"].Boolean() ?? false);
    }
}
