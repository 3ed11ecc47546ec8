namespace Tramontane.Server.Responses;

/// <summary>Words of an error as they are sent.</summary>
internal static class ErrorText
{
    private const int MaxLength = 2000;

    /// <summary>Messages quote what the client sent, which may be megabytes.</summary>
    internal static string Clip(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        int length = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return text[..length] + "…";
    }
}
