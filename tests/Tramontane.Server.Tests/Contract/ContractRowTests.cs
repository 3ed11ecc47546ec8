using System.Reflection;

namespace Tramontane.Server.Tests.Contract;

/// <summary>No rule of the contract is without a test, and no test names a rule that does not exist.</summary>
public sealed class ContractRowTests
{
    private static readonly (MethodInfo Method, ContractRowAttribute Row)[] s_tests =
    [
        .. typeof(ContractRowTests).Assembly.GetTypes().SelectMany(t => t
            .GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .SelectMany(m => m.GetCustomAttributes<ContractRowAttribute>().Concat(IsRun(m) ? t.GetCustomAttributes<ContractRowAttribute>() : []).Select(row => (m, row)))),
    ];

    private static readonly HashSet<string> s_named = [.. s_tests.Where(t => IsRun(t.Method)).SelectMany(t => t.Row.Rows)];

    [Fact]
    public void Rows_OfTheContract_AreEachNamedByATest() => Assert.Empty(ContractRows.Names.Except(s_named));

    [Fact]
    public void Tests_NameRowsThatExist() => Assert.Empty(s_named.Except(ContractRows.Names).Except(ContractRows.FieldNames));

    [Fact]
    public void Rows_AreNamedByTestsThatRun() => Assert.Empty(s_tests.Where(t => !IsRun(t.Method)).Select(t => $"{t.Method.DeclaringType}.{t.Method.Name}"));

    // A theory is a fact too. xunit runs public methods alone.
    private static bool IsRun(MethodInfo method) => method.IsPublic && method.GetCustomAttribute<FactAttribute>() is { Skip: null };
}
