using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Accounting;

/// <summary>Writes money as an exact JSON number: no exponent, no trailing zeros.</summary>
internal sealed class MoneyJson : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDecimal();

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteRawValue(Money.Format(value), skipInputValidation: true);
}
