using Tramontane.Server.Generation;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads <c>response_format</c> of chat completions, and <c>text.format</c> of responses, which is the same a level flatter.</summary>
internal static class ResponseFormatReader
{
    /// <param name="format">The field; absent is text.</param>
    /// <param name="isFlat">Name and schema stand beside the type instead of under <c>json_schema</c>.</param>
    internal static ResponseFormat Read(JsonField format, bool isFlat = false)
    {
        if (!format.Object().IsObject)
        {
            return ResponseFormat.Text;
        }

        JsonField type = format["type"].Required();
        switch (type.Choice("text", "json_object", "json_schema"))
        {
            case "json_object":
                return new ResponseFormat(ResponseFormatKind.JsonObject, Path: format.Path);
            case "json_schema":
                JsonField named = isFlat ? format : format["json_schema"].Required().Object();
                ToolReader.CheckName(named["name"].Required());
                JsonField schema = named["schema"].Required().Object();
                _ = named["strict"].Boolean();
                _ = named["description"].String();
                return new ResponseFormat(ResponseFormatKind.JsonSchema, schema.IsObject ? schema.RawText() : "{}", Path: schema.Path);
            default:
                return ResponseFormat.Text;
        }
    }
}
