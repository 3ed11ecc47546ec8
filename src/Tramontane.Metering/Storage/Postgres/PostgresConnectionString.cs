using Npgsql;

namespace Tramontane.Metering.Storage.Postgres;

/// <summary>Connection strings in Npgsql's form and as <c>postgresql://</c> addresses.</summary>
internal static class PostgresConnectionString
{
    /// <summary>Whether a text names PostgreSQL rather than a file.</summary>
    internal static bool Is(string text) => IsAddress(text) || text.Contains("Host=", StringComparison.OrdinalIgnoreCase) || text.Contains("Server=", StringComparison.OrdinalIgnoreCase);

    // A server that hangs is noticed well within MeterOptions.OperationTimeout; reports may take longer.
    private const int ConnectSeconds = 5, WriteSeconds = 5;

    /// <summary>Npgsql's form, with statements prepared by themselves, and time limits, unless the text says otherwise.</summary>
    /// <param name="text">What the operator wrote.</param>
    /// <param name="isWriter">For the one writer, whose statements are short.</param>
    /// <exception cref="MeteringException"><see cref="MeteringFault.Invalid"/>.</exception>
    internal static string Complete(string text, bool isWriter = false)
    {
        try
        {
            NpgsqlConnectionStringBuilder builder = IsAddress(text) ? FromAddress(text) : new NpgsqlConnectionStringBuilder(text);
            if (!builder.ShouldSerialize("Max Auto Prepare")) // ContainsKey is true for every keyword
            {
                builder.MaxAutoPrepare = 64;
                builder.AutoPrepareMinUsages = 2;
            }

            if (!builder.ShouldSerialize("Timeout"))
            {
                builder.Timeout = ConnectSeconds;
            }

            if (isWriter && !builder.ShouldSerialize("Command Timeout"))
            {
                builder.CommandTimeout = WriteSeconds;
            }

            builder.ApplicationName ??= "tramontane";
            return builder.ToString();
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The message of the cause may repeat a password.
            throw new MeteringException(MeteringFault.Invalid, "The connection string of the metering database is not understood. Write 'Host=…;Database=…;Username=…' or 'postgresql://user@host/database'.");
        }
    }

    private static bool IsAddress(string text) =>
        text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    private static NpgsqlConnectionStringBuilder FromAddress(string text)
    {
        var address = new Uri(text);
        string[] user = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder { Host = address.Host, Database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/')) };
        if (address.Port > 0)
        {
            builder.Port = address.Port;
        }

        if (user[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (string pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = pair.Split('=', 2);
            builder[KeywordOf(Uri.UnescapeDataString(parts[0]))] = Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : "");
        }

        return builder;
    }

    /// <summary>libpq's names of the parameters that addresses usually carry.</summary>
    private static string KeywordOf(string name) => name switch
    {
        "sslmode" => "SSL Mode",
        "sslrootcert" => "Root Certificate",
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "host" => "Host",
        "port" => "Port",
        "user" => "Username",
        "password" => "Password",
        _ => name,
    };
}
