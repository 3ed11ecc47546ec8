namespace Tramontane.Tokenization;

/// <summary>
/// GPT-2's way of writing any bytes as printable characters: printable Latin-1 bytes stand for themselves, the
/// other 68 become the characters from U+0100 on, in byte order.
/// </summary>
internal static class ByteCharacters
{
    private static readonly char[] s_characterOf = BuildCharacters();
    private static readonly short[] s_byteOf = BuildBytes(); // -1 where a character stands for no byte

    /// <summary>The bytes of a token; null when a character stands for no byte.</summary>
    public static byte[]? ToBytes(ReadOnlySpan<char> token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            short value = token[i] < s_byteOf.Length ? s_byteOf[token[i]] : (short)-1;
            if (value < 0)
            {
                return null;
            }

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    /// <summary>Bytes as characters: the inverse of <see cref="ToBytes"/>.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            characters[i] = s_characterOf[bytes[i]];
        }

        return new string(characters);
    }

    private static char[] BuildCharacters()
    {
        var table = new char[256];
        int moved = 0;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            table[value] = printable ? (char)value : (char)(0x100 + moved++);
        }

        return table;
    }

    private static short[] BuildBytes()
    {
        var table = new short[s_characterOf.Max() + 1];
        Array.Fill(table, (short)-1);
        for (int value = 0; value < 256; value++)
        {
            table[s_characterOf[value]] = (short)value;
        }

        return table;
    }
}
