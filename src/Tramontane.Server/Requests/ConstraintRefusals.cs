using Tramontane.Server.Generation;

namespace Tramontane.Server.Requests;

/// <summary>
/// What only constrained decoding can promise, and this build cannot: refused by name in every dialect, because
/// ignoring it would give a client prose where it counts on a call or on JSON.
/// </summary>
internal static class ConstraintRefusals
{
    /// <summary>Refuses a choice that forces a call, or limits which.</summary>
    /// <param name="field">Where it stands.</param>
    /// <param name="choice">What was asked for.</param>
    /// <param name="asked">The same in words.</param>
    /// <param name="supported">The values that remain, quoted.</param>
    internal static ToolChoice Check(JsonField field, ToolChoice choice, string asked, string supported)
    {
        if (choice.NeedsConstraint)
        {
            field.Refuse(ApiError.NotSupportedValue(field.Path, $"'{field.Path}' is {asked}, but this build of the server cannot force a call yet. Supported values are: {supported}."));
        }

        return choice;
    }

    /// <summary>Refuses every format but text.</summary>
    /// <param name="type">The field that names the format.</param>
    /// <param name="format">What was asked for.</param>
    internal static ResponseFormat Check(JsonField type, ResponseFormat format)
    {
        if (format.Kind != ResponseFormatKind.Text)
        {
            type.Refuse(ApiError.NotSupportedValue(type.Path, $"Unsupported value: '{type.Path}' is '{type.String()}', but this build of the server cannot constrain answers yet. Supported values are: 'text'."));
        }

        return format;
    }

    /// <summary>Refuses a field of vLLM's family that constrains the answer, unless it is empty.</summary>
    internal static void RefuseNonEmpty(JsonField field)
    {
        if (field.IsNonEmpty)
        {
            field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{field.Path}'. This build of the server cannot constrain answers yet."));
        }
    }
}
