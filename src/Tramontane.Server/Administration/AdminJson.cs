using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tramontane.Server.Administration;

/// <summary>Everything that administration writes, serialised without reflection.</summary>
[JsonSerializable(typeof(KeyReply))]
[JsonSerializable(typeof(AdminList<KeyReply>), TypeInfoPropertyName = "KeyList")]
[JsonSerializable(typeof(AccountReply))]
[JsonSerializable(typeof(AdminList<AccountReply>), TypeInfoPropertyName = "AccountList")]
[JsonSerializable(typeof(CreditReply))]
[JsonSerializable(typeof(AdminList<CreditReply>), TypeInfoPropertyName = "CreditList")]
[JsonSerializable(typeof(PriceReply))]
[JsonSerializable(typeof(AdminList<PriceReply>), TypeInfoPropertyName = "PriceList")]
[JsonSerializable(typeof(UsageReply))]
[JsonSerializable(typeof(AdminList<LedgerReply>), TypeInfoPropertyName = "LedgerPage")]
internal sealed partial class AdminJson : JsonSerializerContext
{
    internal static AdminJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
