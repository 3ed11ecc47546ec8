using System.Reflection;

namespace Tramontane.Server.Tests.Contract;

/// <summary>No rule of the contract is without a test, and no test names a rule that does not exist.</summary>
public sealed class ContractRowTests
{
    private static readonly HashSet<string> s_named =
        [.. typeof(ContractRowTests).Assembly.GetTypes()
            .SelectMany(t => t.GetCustomAttributes<ContractRowAttribute>().Concat(t.GetMethods().SelectMany(m => m.GetCustomAttributes<ContractRowAttribute>())))
            .SelectMany(a => a.Rows)];

    [Fact]
    public void Rows_OfTheContract_AreEachNamedByATest() => Assert.Empty(ContractRows.Names.Except(s_named));

    [Fact]
    public void Tests_NameRowsThatExist() => Assert.Empty(s_named.Except(ContractRows.Names).Except(ContractRows.FieldNames));
}
