using System.Data.Common;

namespace Tramontane.Metering.Storage;

/// <summary>Facts about the whole database.</summary>
internal static class Settings
{
    /// <summary>The currency that own prices and credit have; null while there are none.</summary>
    internal static async Task<string?> CurrencyAsync(MeteringDatabase database, CancellationToken cancellationToken) =>
        (await database.QueryAsync("SELECT value FROM settings WHERE name = 'currency'", [], row => row.Text(0), cancellationToken)).FirstOrDefault();

    /// <summary>
    /// Own prices and credit have one currency, which the first of them sets: balances, limits and costs can then be compared
    /// without rates.
    /// </summary>
    /// <exception cref="MeteringException"><see cref="MeteringFault.Conflict"/>: another currency is set.</exception>
    internal static async Task CheckCurrencyAsync(MeteringDatabase database, DbConnection connection, string currency, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync(connection, "INSERT INTO settings (name, value) VALUES ('currency', $1) ON CONFLICT (name) DO NOTHING", [currency], cancellationToken);
        string set = (await database.QueryAsync(connection, "SELECT value FROM settings WHERE name = 'currency'", [], row => row.Text(0), cancellationToken))[0];
        if (set != currency)
        {
            throw new MeteringException(MeteringFault.Conflict, $"This database counts in {set}, not {currency}: own prices and credit have one currency. Begin a new database for another.");
        }
    }
}
