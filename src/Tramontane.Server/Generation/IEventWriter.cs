using Tramontane.Server.Requests;

namespace Tramontane.Server.Generation;

/// <summary>Turns updates into the events of one dialect. Calls write to a buffer; the caller flushes.</summary>
internal interface IEventWriter
{
    /// <summary>What comes before any update.</summary>
    void Begin();

    /// <summary>What one update brings.</summary>
    void Write(ChoiceUpdate update);

    /// <summary>What comes after the last update.</summary>
    void End();

    /// <summary>The last event of a stream that breaks.</summary>
    void Fail(ApiError error);
}
