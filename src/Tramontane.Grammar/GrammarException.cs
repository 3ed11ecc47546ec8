namespace Tramontane.Grammar;

/// <summary>A schema, expression or grammar that is wrong, or that cannot be enforced exactly. The message says what to change.</summary>
public sealed class GrammarException : Exception
{
    /// <summary>A fault without a place.</summary>
    public GrammarException(string message)
        : base(message)
    {
    }

    /// <summary>A fault of a JSON Schema.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="jsonPointer">JSON Pointer (RFC 6901) of the faulty place in the schema; empty for the whole.</param>
    public GrammarException(string message, string jsonPointer)
        : base($"{(jsonPointer.Length == 0 ? "the whole schema" : jsonPointer)}: {message}")
    {
        JsonPointer = jsonPointer;
    }

    /// <summary>A fault of a text: a regular expression or a grammar.</summary>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="line">Line of the fault, from 1.</param>
    /// <param name="column">Column of the fault in UTF-16 code units, from 1.</param>
    public GrammarException(string message, int line, int column)
        : base($"line {line}, column {column}: {message}")
    {
        Line = line;
        Column = column;
    }

    /// <summary>JSON Pointer of the faulty place, when the input was a schema.</summary>
    public string? JsonPointer { get; }

    /// <summary>Line of the fault from 1; 0 when it has no line.</summary>
    public int Line { get; }

    /// <summary>Column of the fault from 1; 0 when it has no column.</summary>
    public int Column { get; }

    /// <summary>Does something for a place of a JSON Schema: a fault without a place gets this one.</summary>
    internal static T At<T>(string jsonPointer, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GrammarException fault) when (fault.JsonPointer is null)
        {
            throw new GrammarException(fault.Message, jsonPointer);
        }
    }
}
