namespace Tramontane.Server.OpenAI;

/// <summary>What every piece of a reply repeats.</summary>
/// <param name="Id">Unique per reply.</param>
/// <param name="Created">Unix time in seconds.</param>
/// <param name="Model">The model's name as the client wrote it.</param>
/// <param name="Fingerprint">Equal for equal weights and numeric configuration.</param>
internal sealed record ReplyHead(string Id, long Created, string Model, string Fingerprint);
