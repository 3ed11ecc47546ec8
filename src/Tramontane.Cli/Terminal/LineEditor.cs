using System.Text;

namespace Tramontane.Cli.Terminal;

/// <summary>
/// Edits a line on a terminal, with history. The line keeps to one row and scrolls sideways when it is longer. Ctrl-C
/// empties the line, and leaves when it is empty; Ctrl-D leaves too.
/// </summary>
/// <param name="prompt">What stands before the line.</param>
/// <param name="history">Lines to walk through; new ones are added.</param>
internal sealed class LineEditor(string prompt, LineHistory history) : ILineSource
{
    private readonly LineBuffer _line = new();

    /// <summary>Whether the program talks to a person on a terminal that can move its cursor.</summary>
    public static bool IsPossible =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or "");

    /// <inheritdoc/>
    public string? ReadLine()
    {
        _line.Set("");
        bool before = Console.TreatControlCAsInput;
        Console.TreatControlCAsInput = true; // here it is a key; during an answer it is a signal
        try
        {
            while (true)
            {
                Draw();
                ConsoleKeyInfo key = Console.ReadKey(intercept: true);
                bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                if (key.Key == ConsoleKey.Enter)
                {
                    Console.Out.WriteLine();
                    history.Add(_line.Text);
                    return _line.Text;
                }

                if (control && key.Key is ConsoleKey.C or ConsoleKey.D && _line.Text.Length == 0)
                {
                    Console.Out.WriteLine();
                    return null;
                }

                Apply(key, control);
            }
        }
        finally
        {
            Console.TreatControlCAsInput = before;
        }
    }

    private void Apply(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.C when control: _line.Set(""); break;
            case ConsoleKey.D when control: _line.Delete(); break;
            case ConsoleKey.A when control: _line.Home(); break;
            case ConsoleKey.E when control: _line.End(); break;
            case ConsoleKey.U when control: _line.DeleteToStart(); break;
            case ConsoleKey.K when control: _line.DeleteToEnd(); break;
            case ConsoleKey.W when control: _line.DeleteWord(); break;
            case ConsoleKey.LeftArrow: _line.Left(); break;
            case ConsoleKey.RightArrow: _line.Right(); break;
            case ConsoleKey.Home: _line.Home(); break;
            case ConsoleKey.End: _line.End(); break;
            case ConsoleKey.Backspace: _line.Backspace(); break;
            case ConsoleKey.Delete: _line.Delete(); break;
            case ConsoleKey.UpArrow: _line.Set(history.Previous(_line.Text)); break;
            case ConsoleKey.DownArrow: _line.Set(history.Next(_line.Text)); break;
            default:
                if (!char.IsControl(key.KeyChar))
                {
                    _line.Insert(key.KeyChar);
                }

                break;
        }
    }

    // Writes the row anew: carriage return, prompt, the part around the cursor, erase the rest, put the cursor.
    private void Draw()
    {
        int room = Math.Max(8, Console.WindowWidth - TextWidth.Of(prompt) - 1);
        string text = _line.Text;
        int start = StartOfView(text, _line.Cursor, room), end = start, width = 0;
        while (end < text.Length && Rune.DecodeFromUtf16(text.AsSpan(end), out Rune rune, out int length) >= 0 && width + TextWidth.Of(rune) <= room)
        {
            width += TextWidth.Of(rune);
            end += length;
        }

        int column = TextWidth.Of(prompt) + TextWidth.Of(text.AsSpan(start, _line.Cursor - start));
        Console.Out.Write($"\r{prompt}{text.AsSpan(start, end - start)}\e[K\r{(column > 0 ? $"\e[{column}C" : "")}");
    }

    /// <summary>The first character to show so that the cursor lies within <paramref name="room"/> columns.</summary>
    internal static int StartOfView(string text, int cursor, int room)
    {
        int start = 0;
        int width = TextWidth.Of(text.AsSpan(0, cursor));
        while (width > room && Rune.DecodeFromUtf16(text.AsSpan(start), out Rune rune, out int length) >= 0)
        {
            width -= TextWidth.Of(rune);
            start += length;
        }

        return start;
    }
}
