using System.Text;

namespace Tramontane.Tokenization.Tests;

/// <summary>Seeded random texts that meet every rule of the splitter often.</summary>
internal static class RandomText
{
    private static readonly string[] s_snippets =
    [
        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u2028", "\u200B", "\uFEFF", "/", "//", "'s", "Hello", "WORLD", "camelCase", "é", "e\u0301",
        "ǅ", "ʰ", "中文", "日本語", "한국어", "हिन्दी", "العربية", "ไทย", "12", "٣", "Ⅷ", "½", "😀", "👩‍👩‍👧", "🇫🇷", "𝔘", "𐐀𐐨", "…", "—", "(", "):", "_", "\0",
        "[INST]", "</s>", "<s>", "\uD800", "\uDC00", "aaaaaaaa", "\u0300", "Ａ", "ß",
    ];

    public static string Next(Random random, int parts)
    {
        var text = new StringBuilder();
        for (int i = 0; i < parts; i++)
        {
            switch (random.Next(4))
            {
                case 0:
                    text.Append((char)random.Next(0x20, 0x7F));
                    break;
                case 1:
                    text.Append(new Rune(Scalar(random)).ToString());
                    break;
                default:
                    text.Append(s_snippets[random.Next(s_snippets.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    private static int Scalar(Random random)
    {
        int scalar = random.Next(random.Next(2) == 0 ? 0x3000 : 0x110000);
        return Rune.IsValid(scalar) ? scalar : 0xFFFD;
    }
}
