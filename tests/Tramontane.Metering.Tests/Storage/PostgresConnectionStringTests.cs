using Npgsql;
using Tramontane.Metering.Storage.Postgres;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>What names PostgreSQL, and how.</summary>
public sealed class PostgresConnectionStringTests
{
    [Theory]
    [InlineData("data/metering.db", false)]
    [InlineData("/var/lib/tramontane/metering.db", false)]
    [InlineData("C:\\data\\metering.db", false)]
    [InlineData("Host=db;Database=metering", true)]
    [InlineData("Server=db;Database=metering", true)]
    [InlineData("postgres://db/metering", true)]
    [InlineData("postgresql://db/metering", true)]
    public void Is_AText_TellsFilesFromServers(string text, bool expected) => Assert.Equal(expected, PostgresConnectionString.Is(text));

    [Fact]
    public void Complete_AnAddress_ReadsItsParts()
    {
        var builder = new NpgsqlConnectionStringBuilder(PostgresConnectionString.Complete("postgresql://me:p%40ss@db.example:6432/my%20db?sslmode=require&application_name=x"));
        Assert.Equal(("db.example", 6432, "my db", "me", "p@ss"), (builder.Host, builder.Port, builder.Database, builder.Username, builder.Password));
        Assert.Equal((SslMode.Require, "x"), (builder.SslMode, builder.ApplicationName));
        builder = new NpgsqlConnectionStringBuilder(PostgresConnectionString.Complete("postgres:///m?host=/run/postgresql"));
        Assert.Equal(("/run/postgresql", 5432, "m"), (builder.Host, builder.Port, builder.Database));
    }

    [Fact]
    public void Complete_AConnectionString_PreparesStatementsUnlessItSaysOtherwise()
    {
        Assert.Equal(64, new NpgsqlConnectionStringBuilder(PostgresConnectionString.Complete("Host=db")).MaxAutoPrepare);
        Assert.Equal(0, new NpgsqlConnectionStringBuilder(PostgresConnectionString.Complete("Host=db;Max Auto Prepare=0")).MaxAutoPrepare);
        Assert.Equal("tramontane", new NpgsqlConnectionStringBuilder(PostgresConnectionString.Complete("Host=db")).ApplicationName);
    }

    [Theory]
    [InlineData("Host=db;Nonsense=secret-1")]
    [InlineData("postgresql://u:secret-1@:port/x")]
    [InlineData("postgresql://u:secret-1@db/x?nonsense=1")]
    public void Complete_Nonsense_IsRefusedWithoutTellingIt(string text)
    {
        MeteringException refused = Assert.Throws<MeteringException>(() => PostgresConnectionString.Complete(text));
        Assert.Equal(MeteringFault.Invalid, refused.Fault);
        Assert.DoesNotContain("secret-1", refused.ToString(), StringComparison.Ordinal);
    }
}
