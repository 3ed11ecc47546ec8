using System.Text;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Turns generated tokens into the updates of one answer (step 9): text at whole characters, cut at stop texts, and
/// tool calls. The joined result depends on the tokens' bytes alone, not on how they are cut into tokens (only the limit
/// on a call's name counts tokens). One per answer; used by one thread.
/// <para>
/// A tool call is <c>[TOOL_CALLS]</c> name, optionally <c>[CALL_ID]</c> id, <c>[ARGS]</c> arguments. Nothing is released
/// before <c>[ARGS]</c>; then id and name (without white space around it), then the arguments as they come. A tool
/// call ends the text before it: stop texts neither reach across its beginning nor apply inside. Other control tokens
/// inside the arguments, or in text, have no text of their own.
/// </para>
/// <para>
/// A call that the token limit cuts before <c>[ARGS]</c> is listed by its tokens and has no text. A malformed call is one whose next
/// control token, or end-of-sequence, comes before <c>[ARGS]</c>; or whose name is empty; or
/// with a second <c>[CALL_ID]</c>; or with more than <see cref="MaxHeaderTokens"/> tokens before <c>[ARGS]</c>. It is released as
/// text, control tokens by their names (<c>[TOOL_CALLS]get_wea</c>), where stop texts apply again; what follows is text
/// until the next <c>[TOOL_CALLS]</c>.
/// </para>
/// <para>
/// A token is listed in the update that releases the first character its bytes take part in. Tokens whose characters
/// all lie behind a stop text's beginning, and the end-of-sequence token, are counted but not listed.
/// </para>
/// </summary>
internal sealed class OutputAssembler
{
    /// <summary>Most tokens from <c>[TOOL_CALLS]</c> to <c>[ARGS]</c>; a longer name is none.</summary>
    public const int MaxHeaderTokens = 128;

    private readonly Tokenizer _tokenizer;
    private readonly StopTextMatcher _stops;
    private readonly Detokenizer _detokenizer;
    private readonly bool _allowToolCalls;
    private readonly ulong _seed;
    private readonly HashSet<string> _callIds = [];
    private readonly List<Token> _header = []; // of the call whose [ARGS] has not come
    private readonly Queue<Token> _unlisted = [];
    private State _state = State.Text;
    private int _producedLength, _releasedLength; // characters of the answer's text so far
    private int _callCount;

    // What the next update will carry.
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _arguments = new();
    private List<ToolCallDelta> _deltas = [];
    private List<int> _tokenIds = [];
    private List<PositionLogprobs> _logprobs = [];

    /// <param name="tokenizer">The model's vocabulary.</param>
    /// <param name="request">Stop texts, whether tool calls are allowed, and the seed.</param>
    public OutputAssembler(Tokenizer tokenizer, GenerationRequest request)
    {
        _tokenizer = tokenizer;
        _detokenizer = new Detokenizer(tokenizer);
        _stops = new StopTextMatcher(request.Stop);
        _allowToolCalls = request.AllowToolCalls && tokenizer.ControlTokenCount > SpecialTokens.CallId;
        _seed = request.Sampling.Seed;
    }

    private enum State
    {
        Text,
        CallName,
        CallId,
        Arguments,
    }

    /// <summary>Why the answer ended; null while it goes on.</summary>
    public FinishReason? FinishReason { get; private set; }

    /// <summary>Tokens that were fed, the end-of-sequence token included.</summary>
    public int CompletionTokens { get; private set; }

    /// <summary>Adds a generated token.</summary>
    /// <param name="tokenId">The token.</param>
    /// <param name="logprobs">Its log-probabilities, when asked for.</param>
    /// <returns>What it releases; null for nothing yet. The update that ends the answer carries the reason.</returns>
    public GenerationUpdate? Append(int tokenId, PositionLogprobs? logprobs = null)
    {
        ThrowIfEnded();
        CompletionTokens++;
        if (tokenId == SpecialTokens.Eos)
        {
            return End(isEndOfSequence: true) with { EndOfSequence = logprobs };
        }

        Dispatch(new Token(tokenId, logprobs));
        if (_stops.IsStopped)
        {
            FinishReason = Engine.FinishReason.Stop;
        }

        return TakeUpdate();
    }

    /// <summary>The token limit or the end of the context is reached: releases what was held back and ends the answer.</summary>
    public GenerationUpdate Finish()
    {
        ThrowIfEnded();
        return End(isEndOfSequence: false);
    }

    private void ThrowIfEnded()
    {
        if (FinishReason is not null)
        {
            throw new InvalidOperationException("The answer has ended: feed no more tokens.");
        }
    }

    private GenerationUpdate End(bool isEndOfSequence)
    {
        if (_state is State.CallName or State.CallId)
        {
            if (isEndOfSequence)
            {
                ReleaseHeaderAsText();
            }
            else
            {
                DropHeader(); // cut in the middle of a call, which is no text
            }
        }

        EndRun();
        FinishReason = _stops.IsStopped ? Engine.FinishReason.Stop
            : !isEndOfSequence ? Engine.FinishReason.Length
            : _callCount > 0 ? Engine.FinishReason.ToolCalls
            : Engine.FinishReason.Stop;
        return TakeUpdate()!;
    }

    private void Dispatch(Token token)
    {
        if (_stops.IsStopped)
        {
            return;
        }

        if (_allowToolCalls && token.Id == SpecialTokens.ToolCalls)
        {
            if (_state is State.CallName or State.CallId)
            {
                ReleaseHeaderAsText();
            }

            EndRun();
            if (!_stops.IsStopped)
            {
                _state = State.CallName;
                _header.Add(token);
            }

            return;
        }

        switch (_state)
        {
            case State.Text:
                AddText(token, nameControlTokens: false);
                break;
            case State.Arguments:
                AddArguments(token);
                break;
            default:
                AddToHeader(token);
                break;
        }
    }

    private void AddText(Token token, bool nameControlTokens)
    {
        // A control token, or the first byte of a character, breaks off a character that waits for its end: that one
        // becomes U+FFFD, and the new token's own text begins behind it.
        bool isControl = _tokenizer.IsControl(token.Id);
        bool breaksOff = _detokenizer.HasPending && (isControl || (_tokenizer.TokenBytes(token.Id)[0] & 0xC0) != 0x80);
        _unlisted.Enqueue(token with { TextStart = _producedLength + (breaksOff ? 1 : 0) });
        string piece = _detokenizer.Append(token.Id);
        if (nameControlTokens && isControl)
        {
            piece += _tokenizer.TokenText(token.Id);
        }

        _producedLength += piece.Length;
        ReleaseText(_stops.Append(piece));
    }

    private void ReleaseText(string text)
    {
        _text.Append(text);
        _releasedLength += text.Length;
        while (_unlisted.TryPeek(out Token token) && token.TextStart < _releasedLength)
        {
            List(_unlisted.Dequeue());
        }
    }

    private void AddArguments(Token token)
    {
        _unlisted.Enqueue(token);
        ReleaseArguments(_detokenizer.Append(token.Id), keepLast: _detokenizer.HasPending);
    }

    // A token that ends inside a character waits for the update with that character, unless it had text before it.
    private void ReleaseArguments(string piece, bool keepLast)
    {
        if (piece.Length == 0 && keepLast)
        {
            return;
        }

        _arguments.Append(piece);
        while (_unlisted.TryDequeue(out Token token))
        {
            List(token);
        }
    }

    private void AddToHeader(Token token)
    {
        _header.Add(token);
        bool isId = token.Id == SpecialTokens.CallId && _state == State.CallName;
        if (token.Id == SpecialTokens.Arguments)
        {
            BeginArguments();
        }
        else if (isId)
        {
            _state = State.CallId;
        }
        else if (_tokenizer.IsControl(token.Id) || _header.Count >= MaxHeaderTokens)
        {
            ReleaseHeaderAsText();
        }
    }

    private void BeginArguments()
    {
        int[] ids = [.. _header.Select(t => t.Id)];
        int idAt = Array.IndexOf(ids, SpecialTokens.CallId);
        string name = _tokenizer.Decode(ids.AsSpan(1..(idAt < 0 ? ids.Length - 1 : idAt))).Trim();
        if (name.Length == 0)
        {
            ReleaseHeaderAsText();
            return;
        }

        string id = idAt < 0 ? "" : _tokenizer.Decode(ids.AsSpan((idAt + 1)..^1)).Trim();
        if (!ToolCallIds.IsWellFormed(id) || !_callIds.Add(id))
        {
            id = ToolCallIds.Derive(_seed, _callCount);
            _callIds.Add(id);
        }

        _deltas.Add(new ToolCallDelta(_callCount++, id, name, ""));
        _header.ForEach(List);
        _header.Clear();
        _state = State.Arguments;
    }

    private void DropHeader()
    {
        _state = State.Text;
        _header.ForEach(List);
        _header.Clear();
    }

    private void ReleaseHeaderAsText()
    {
        _state = State.Text;
        foreach (Token token in _header)
        {
            if (!_stops.IsStopped)
            {
                AddText(token, nameControlTokens: true);
            }
        }

        _header.Clear();
    }

    // The text or the arguments end here: incomplete characters become U+FFFD, held text is decided.
    private void EndRun()
    {
        string rest = _detokenizer.Flush();
        if (_state == State.Arguments)
        {
            ReleaseArguments(rest, keepLast: false);
            FlushArguments();
            return;
        }

        if (!_stops.IsStopped)
        {
            _producedLength += rest.Length;
            ReleaseText(_stops.Append(rest));
        }

        if (!_stops.IsStopped)
        {
            ReleaseText(_stops.Finish());
        }

        while (_unlisted.TryDequeue(out Token token))
        {
            if (!_stops.IsStopped)
            {
                List(token); // without text of its own
            }
        }
    }

    private void List(Token token)
    {
        _tokenIds.Add(token.Id);
        if (token.Logprobs is not null)
        {
            _logprobs.Add(token.Logprobs);
        }
    }

    private void FlushArguments()
    {
        if (_arguments.Length > 0)
        {
            _deltas.Add(new ToolCallDelta(_callCount - 1, null, null, _arguments.ToString()));
            _arguments.Clear();
        }
    }

    private GenerationUpdate? TakeUpdate()
    {
        FlushArguments();
        if (FinishReason is null && _text.Length == 0 && _deltas.Count == 0)
        {
            return null; // tokens without text ride on the next update
        }

        var update = new GenerationUpdate
        {
            Text = _text.ToString(),
            ToolCalls = _deltas,
            TokenIds = _tokenIds,
            Logprobs = _logprobs,
            FinishReason = FinishReason,
            StopText = FinishReason is null ? null : _stops.Found,
        };
        _text.Clear();
        (_deltas, _tokenIds, _logprobs) = ([], [], []);
        return update;
    }

    /// <param name="Id">The token's id.</param>
    /// <param name="Logprobs">Its log-probabilities, when asked for.</param>
    /// <param name="TextStart">Where in the answer's text its first character begins.</param>
    private readonly record struct Token(int Id, PositionLogprobs? Logprobs, int TextStart = 0);
}
