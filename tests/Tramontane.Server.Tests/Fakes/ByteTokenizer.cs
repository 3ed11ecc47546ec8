using System.Text;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>A tokenizer whose ordinary tokens are the single bytes: id = 1000 + byte.</summary>
internal static class ByteTokenizer
{
    internal static Tokenizer Instance { get; } = new([.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })], SpecialTokens.Names(SpecialTokens.Count));

    internal static int[] Ids(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => SpecialTokens.Count + b)];
}
