using Microsoft.AspNetCore.Http;
using Tramontane.Inference.Engine;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI;

/// <summary>What every piece of a reply repeats.</summary>
/// <param name="Id">Unique per reply.</param>
/// <param name="Created">Unix time in seconds.</param>
/// <param name="Model">The model's name as the client wrote it.</param>
/// <param name="Fingerprint">Equal for equal weights and numeric configuration.</param>
internal sealed record ReplyHead(string Id, long Created, string Model, string Fingerprint)
{
    /// <summary>A new reply's; clients of OpenRouter find its id in a header too.</summary>
    internal static ReplyHead Create(string idPrefix, string model, IInferenceEngine engine, TimeProvider time, HttpContext context)
    {
        var head = new ReplyHead(Identifiers.New(idPrefix), time.GetUtcNow().ToUnixTimeSeconds(), model, "fp_" + engine.Model.Fingerprint);
        if (ClientStyle.Of(context).Base == BasePath.OpenRouter)
        {
            context.Response.Headers["X-Generation-Id"] = head.Id;
        }

        return head;
    }
}
