using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Requests;

/// <summary>Tells a client which of its fields had no effect, and in strict mode refuses those that nobody knows.</summary>
internal static class IgnoredFields
{
    /// <summary>The reply header with their names.</summary>
    internal const string Header = "x-ignored-fields";

    private const int MaxNames = 32;
    private const int MaxNameLength = 64;

    /// <param name="body">The request, read.</param>
    /// <param name="leftOut">Paths of what the reader left out.</param>
    /// <param name="shape">What is known.</param>
    /// <param name="style">Some providers have fields of their own.</param>
    /// <param name="isStrict">Unknown fields are refused.</param>
    /// <param name="response">Gets the header.</param>
    internal static void Report(JsonField body, IReadOnlyList<string> leftOut, RequestShape shape, ClientStyle style, bool isStrict, HttpResponse response)
    {
        List<string> names = [.. leftOut.Take(MaxNames)];
        foreach ((string name, JsonField value) in body.Members())
        {
            RequestField? known = shape.Find(name);
            FieldSupport? support = known?.Support ?? ((name == "key" && style.AcceptsKeyInBody) || (name == "model_id" && style.AcceptsModelId) ? FieldSupport.Supported : null);
            if (!Take(names, value, support, isStrict))
            {
                return;
            }

            foreach ((string member, JsonField inner) in known?.Members is not null && value.IsObject ? value.Members() : [])
            {
                if (!Take(names, inner, known!.Members!.TryGetValue(member, out FieldSupport its) ? its : null, isStrict))
                {
                    return;
                }
            }
        }

        if (names.Count > 0)
        {
            response.Headers[Header] = string.Join(", ", names.Select(Printable));
        }
    }

    /// <summary>Notes a field without effect; false when it was refused.</summary>
    private static bool Take(List<string> names, JsonField field, FieldSupport? support, bool isStrict)
    {
        if (support is null && isStrict)
        {
            field.Refuse(ApiError.UnknownField(field.Path));
            return false;
        }

        if ((support is null or FieldSupport.Ignored) && field.IsPresent && names.Count < MaxNames && !names.Contains(field.Path))
        {
            names.Add(field.Path);
        }

        return true;
    }

    /// <summary>A header carries neither every character nor any length.</summary>
    private static string Printable(string name) =>
        new([.. name.Take(MaxNameLength).Select(c => c is > ' ' and < '\x7f' and not ',' ? c : '?')]);
}
