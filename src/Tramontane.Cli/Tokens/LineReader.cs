namespace Tramontane.Cli.Tokens;

/// <summary>Splits a stream of bytes into lines without copying them, however long they are.</summary>
/// <param name="input">Read to its end; not disposed of.</param>
/// <param name="beforeRead">Called before the stream is asked for more, which may wait for whoever writes to it.</param>
internal sealed class LineReader(Stream input, Action beforeRead)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The next line without its line feed, valid and writable until the next call; false at the end.</summary>
    public bool TryRead(out Span<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsSpan(_start, searched + length - _start);
                _start = searched + length + 1;
                return true;
            }

            if (_ended)
            {
                line = _buffer.AsSpan(_start, _end - _start);
                _start = _end;
                return line.Length > 0; // a last line without a line feed
            }

            searched = _end - _start;
            Fill();
        }
    }

    // Moves the unfinished line to the front and reads behind it.
    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        }

        beforeRead();
        int count = input.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        _ended = count == 0;
    }
}
