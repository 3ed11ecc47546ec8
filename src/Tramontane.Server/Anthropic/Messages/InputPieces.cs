namespace Tramontane.Server.Anthropic.Messages;

/// <summary>
/// The pieces of a call's arguments as a stream sends them: a number is held back until something follows it. Of one that
/// the token limit cuts nobody can tell whether it is whole, so no client ever sees a part of one.
/// </summary>
internal struct InputPieces
{
    private bool _inString, _isEscaped, _inNumber;
    private string _held;

    /// <summary>What can be sent now.</summary>
    internal string Add(string arguments)
    {
        string pending = _held + arguments;
        int sent = pending.Length - arguments.Length; // what was held is all number
        int safe = _inNumber ? 0 : sent;
        foreach (char c in arguments)
        {
            sent++;
            if (_inString)
            {
                _inString = _isEscaped || c != '"';
                _isEscaped = !_isEscaped && c == '\\';
            }
            else
            {
                _inString = c == '"';
                _inNumber = c == '-' || char.IsAsciiDigit(c) || (_inNumber && (c is '+' or '.' or 'e' or 'E'));
            }

            safe = _inNumber ? safe : sent;
        }

        _held = pending[safe..];
        return pending[..safe];
    }
}
