namespace Tramontane.Server.Tests.Contract;

/// <summary>Says which rows of the wire contract a test holds: <c>messages.stop_sequences</c>, <c>errors.401</c>.</summary>
/// <param name="rows">Their names.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class ContractRowAttribute(params string[] rows) : Attribute
{
    public IReadOnlyList<string> Rows { get; } = rows;
}
