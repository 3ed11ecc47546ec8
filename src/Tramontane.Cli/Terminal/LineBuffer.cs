using System.Text;

namespace Tramontane.Cli.Terminal;

/// <summary>A line being edited: its text and the cursor, which never stands inside a surrogate pair.</summary>
internal sealed class LineBuffer
{
    private readonly StringBuilder _text = new();

    /// <summary>The text.</summary>
    public string Text => _text.ToString();

    /// <summary>Characters before the cursor.</summary>
    public int Cursor { get; private set; }

    /// <summary>Replaces everything; the cursor goes to the end.</summary>
    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }

    /// <summary>Writes at the cursor.</summary>
    public void Insert(char character)
    {
        _text.Insert(Cursor, character);
        Cursor++;
    }

    /// <summary>One character to the left.</summary>
    public void Left() => Cursor -= LengthBefore();

    /// <summary>One character to the right.</summary>
    public void Right() => Cursor += LengthAfter();

    /// <summary>To the beginning.</summary>
    public void Home() => Cursor = 0;

    /// <summary>To the end.</summary>
    public void End() => Cursor = _text.Length;

    /// <summary>Deletes the character before the cursor.</summary>
    public void Backspace()
    {
        int length = LengthBefore();
        Cursor -= length;
        _text.Remove(Cursor, length);
    }

    /// <summary>Deletes the character behind the cursor.</summary>
    public void Delete() => _text.Remove(Cursor, LengthAfter());

    /// <summary>Deletes all before the cursor.</summary>
    public void DeleteToStart()
    {
        _text.Remove(0, Cursor);
        Cursor = 0;
    }

    /// <summary>Deletes all behind the cursor.</summary>
    public void DeleteToEnd() => _text.Length = Cursor;

    /// <summary>Deletes the word before the cursor and the blanks behind it.</summary>
    public void DeleteWord()
    {
        int start = Cursor;
        while (start > 0 && char.IsWhiteSpace(_text[start - 1]))
        {
            start--;
        }

        while (start > 0 && !char.IsWhiteSpace(_text[start - 1]))
        {
            start--;
        }

        _text.Remove(start, Cursor - start);
        Cursor = start;
    }

    private int LengthBefore() => Cursor == 0 ? 0 : Cursor > 1 && char.IsLowSurrogate(_text[Cursor - 1]) && char.IsHighSurrogate(_text[Cursor - 2]) ? 2 : 1;

    private int LengthAfter() =>
        Cursor == _text.Length ? 0 : Cursor + 1 < _text.Length && char.IsHighSurrogate(_text[Cursor]) && char.IsLowSurrogate(_text[Cursor + 1]) ? 2 : 1;
}
