using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tramontane.Server.Generation;

/// <summary>Tool-call ids as the model knows them: nine letters or digits.</summary>
internal static class ToolCallIds
{
    /// <summary>Stands for an id that was not given; such a call is written without one.</summary>
    internal const string None = "null";

    private const int Length = 9;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The id itself when the model would accept it, else nine characters that depend on it alone.</summary>
    internal static string Normalize(string id) => IsNative(id) ? id : Hash(id);

    /// <summary>Nine characters from a SHA-256 of the text: the same in a call and in its result, today and tomorrow.</summary>
    internal static string Hash(string text)
    {
        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return string.Create(Length, bits, static (span, rest) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                (rest, ulong digit) = Math.DivRem(rest, (ulong)Alphabet.Length);
                span[i] = Alphabet[(int)digit];
            }
        });
    }

    private static bool IsNative(string id) => id == None || (id.Length == Length && id.All(char.IsAsciiLetterOrDigit));
}
