namespace Tramontane.Metering;

/// <summary>Why an operation was refused.</summary>
public enum MeteringFault
{
    /// <summary>A value is out of range or has a wrong form; the message names it.</summary>
    Invalid,

    /// <summary>There is no such key, account or request.</summary>
    NotFound,

    /// <summary>It exists already, or does not go with what exists.</summary>
    Conflict,

    /// <summary>The database was made by a newer program.</summary>
    NewerDatabase,

    /// <summary>Another process has the database file.</summary>
    InUse,

    /// <summary>The database does not answer, or is none.</summary>
    Unavailable,
}

/// <summary>An operation that was refused, with a message that says what to do.</summary>
public sealed class MeteringException : Exception
{
    /// <summary>A refusal.</summary>
    public MeteringException(MeteringFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>Why.</summary>
    public MeteringFault Fault { get; }
}
