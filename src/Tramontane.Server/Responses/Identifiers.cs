using System.Security.Cryptography;

namespace Tramontane.Server.Responses;

/// <summary>Ids that never repeat: 24 random letters and digits behind a prefix.</summary>
internal static class Identifiers
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    internal static string New(string prefix) => prefix + RandomNumberGenerator.GetString(Alphabet, 24);
}
