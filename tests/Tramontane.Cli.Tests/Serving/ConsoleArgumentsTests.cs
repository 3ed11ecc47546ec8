using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Serving;
using Tramontane.Server.Console;

namespace Tramontane.Cli.Tests.Serving;

public sealed class ConsoleArgumentsTests
{
    [Theory]
    [InlineData("public", ConsoleVisibility.Public)]
    [InlineData("private", ConsoleVisibility.Private)]
    [InlineData("off", ConsoleVisibility.Off)]
    public void Read_Visibility_IsSet(string text, ConsoleVisibility expected)
    {
        var options = new ConsoleOptions();
        ConsoleArguments.Read(options, text, null, []);
        Assert.Equal(expected, options.Visibility);
    }

    [Fact]
    public void Read_AddressAndLinks_AreSet()
    {
        var options = new ConsoleOptions();
        ConsoleArguments.Read(options, "public", "https://llm.example.com", ["Help=https://example.com/?a=b", "Mail us=mailto:help@example.com"]);
        Assert.Equal("https://llm.example.com", options.PublicUrl);
        Assert.Equal([new ConsoleLink("Help", "https://example.com/?a=b"), new ConsoleLink("Mail us", "mailto:help@example.com")], options.Links);
    }

    [Theory]
    [InlineData("open", null, null)]
    [InlineData("public", "llm.example.com", null)]
    [InlineData("public", "https://llm.example.com/$(id)", null)]
    [InlineData("public", "https://user:secret@llm.example.com", null)]
    [InlineData("public", "https://llm.example.com/?a=b", null)]
    [InlineData("public", null, "https://example.com")]
    [InlineData("public", null, "Run=javascript:alert(1)")]
    [InlineData("public", null, "=https://example.com")]
    public void Read_WhatCannotBe_IsAUsageError(string visibility, string? url, string? link) => Assert.Equal(
        CommandFailure.Usage,
        Assert.Throws<CommandFailure>(() => ConsoleArguments.Read(new ConsoleOptions(), visibility, url, link is null ? [] : [link])).ExitCode);
}
