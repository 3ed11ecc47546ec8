using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Administration;

/// <summary>Reads the query of an administration route. A parameter that is misspelt or doubled is refused: dropped, it would widen what is shown.</summary>
internal static class QueryReader
{
    /// <summary>Why the query cannot be followed; null when every parameter is one of those and is there once.</summary>
    internal static ApiError? Check(IQueryCollection query, params string[] known)
    {
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
            {
                return ApiError.InvalidValue(name, $"There is no parameter '{name}' here; known are {string.Join(", ", known)}.");
            }

            if (values.Count > 1)
            {
                return ApiError.InvalidValue(name, $"'{name}' is given {values.Count} times: give it once.");
            }
        }

        return null;
    }

    /// <summary>A parameter; null when it is absent or empty.</summary>
    internal static string? Text(IQueryCollection query, string name) => query[name] is [{ Length: > 0 } value] ? value : null;

    internal static bool TryReadTime(IQueryCollection query, string name, ref DateTimeOffset time, out ApiError? error)
    {
        error = Text(query, name) is { } text && !AdminFieldReader.TryReadTime(text, out time)
            ? ApiError.InvalidValue(name, $"'{name}' must be a day or a time such as 2026-05-08 or 2026-05-08T17:08:00Z, found '{text}'.")
            : null;
        return error is null;
    }

    internal static bool TryReadNumber(IQueryCollection query, string name, long least, long most, ref long value, out ApiError? error)
    {
        error = Text(query, name) is { } text && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most)
            ? ApiError.InvalidValue(name, $"'{name}' must be a whole number from {least} to {most}, found '{text}'.")
            : null;
        return error is null;
    }
}
