namespace Tramontane.Cli.Terminal;

/// <summary>Lines that were entered before, to walk through with the arrow keys.</summary>
internal sealed class LineHistory
{
    private const int MaxLines = 1000;

    private readonly List<string> _lines = [];
    private string _draft = ""; // what stood there before the walk began
    private int _position; // _lines.Count is the draft

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Adds a line, unless it is empty or a repetition, and ends a walk.</summary>
    public void Add(string line)
    {
        if (line.Length > 0 && (_lines.Count == 0 || _lines[^1] != line))
        {
            _lines.Add(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveAt(0);
            }
        }

        _position = _lines.Count;
    }

    /// <summary>The line before; the same one at the oldest.</summary>
    /// <param name="current">What stands on the line now; kept when the walk begins.</param>
    public string Previous(string current)
    {
        if (_position == _lines.Count)
        {
            _draft = current;
        }

        _position = Math.Max(0, _position - 1);
        return _lines.Count == 0 ? current : _lines[_position];
    }

    /// <summary>The line after; at the end what stood there before the walk.</summary>
    /// <param name="current">What stands on the line now.</param>
    public string Next(string current)
    {
        if (_position == _lines.Count)
        {
            return current;
        }

        _position++;
        return _position == _lines.Count ? _draft : _lines[_position];
    }
}
