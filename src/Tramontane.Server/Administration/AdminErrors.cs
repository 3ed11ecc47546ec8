using Microsoft.AspNetCore.Http;
using Tramontane.Metering;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary>Turns what the meter refuses into errors of the API.</summary>
internal static class AdminErrors
{
    /// <summary>A handler whose refusals are answered as errors.</summary>
    internal static RequestDelegate Answer(Func<HttpContext, Task> handle) => async context =>
    {
        try
        {
            await handle(context);
        }
        catch (MeteringException e)
        {
            await JsonReply.WriteErrorAsync(context, Of(e));
        }
    };

    private static ApiError Of(MeteringException e) => e.Fault switch
    {
        MeteringFault.Invalid => ApiError.BadRequest(e.Message, "invalid_value"),
        MeteringFault.NotFound => new ApiError(StatusCodes.Status404NotFound, e.Message, "not_found"),
        MeteringFault.Conflict => new ApiError(StatusCodes.Status409Conflict, e.Message, "conflict"),
        _ => ApiError.LedgerUnavailable(),
    };
}
