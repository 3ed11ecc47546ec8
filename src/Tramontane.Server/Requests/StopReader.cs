namespace Tramontane.Server.Requests;

/// <summary>The <c>stop</c> field: a text, or a few.</summary>
internal static class StopReader
{
    private const int MaxStops = 4;

    internal static IReadOnlyList<string> Read(JsonField field)
    {
        if (field.IsString)
        {
            return NonEmpty(field) is { } only ? [only] : [];
        }

        var stops = new List<string>();
        if (field.Length > MaxStops)
        {
            field.Refuse(ApiError.ArrayTooLong(field.Path, MaxStops, field.Length));
            return stops;
        }

        foreach (JsonField item in field.Items("a string or an array of strings"))
        {
            if (NonEmpty(item.Required()) is { } stop)
            {
                stops.Add(stop);
            }
        }

        return stops;
    }

    private static string? NonEmpty(JsonField field)
    {
        string? text = field.String();
        if (text is { Length: 0 })
        {
            field.Refuse(ApiError.EmptyString(field.Path));
            return null;
        }

        return text;
    }
}
