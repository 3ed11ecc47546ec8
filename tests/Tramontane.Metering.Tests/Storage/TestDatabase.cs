namespace Tramontane.Metering.Tests.Storage;

/// <summary>An empty database for one test, gone afterwards.</summary>
public interface ITestDatabase : IAsyncDisposable
{
    /// <summary>What <see cref="MeterOptions.Database"/> takes.</summary>
    string Name { get; }
}

/// <summary>Makes databases of one kind.</summary>
public interface ITestDatabaseSource
{
    Task<ITestDatabase> CreateAsync();
}

/// <summary>SQLite files in the temp folder.</summary>
public sealed class SqliteSource : ITestDatabaseSource
{
    public Task<ITestDatabase> CreateAsync() => Task.FromResult<ITestDatabase>(new Folder());

    private sealed class Folder : ITestDatabase
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("tramontane-metering-").FullName;

        public string Name => Path.Combine(_folder, "metering.db");

        public ValueTask DisposeAsync()
        {
            Directory.Delete(_folder, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
