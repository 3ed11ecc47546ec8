using System.Net;
using Tramontane.Server.Images;

namespace Tramontane.Server.Tests.Images;

public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.0.9", "loopback")]
    [InlineData("10.1.2.3", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("100.64.0.1", "carrier-grade NAT")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("100.100.100.200", "metadata")]
    [InlineData("168.63.129.16", "metadata")]
    [InlineData("0.0.0.0", "unspecified")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("255.255.255.255", "reserved")]
    [InlineData("198.18.0.1", "benchmarking")]
    [InlineData("::1", "loopback")]
    [InlineData("::", "unspecified")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fd00:ec2::254", "metadata")]
    [InlineData("fd12::1", "unique local")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("::ffff:169.254.169.254", "link-local")]
    [InlineData("::10.0.0.1", "private")]
    [InlineData("64:ff9b::a9fe:a9fe", "link-local")] // NAT64 of 169.254.169.254
    [InlineData("64:ff9b:1::a00:1", "private")]
    [InlineData("2002:7f00:1::", "loopback")] // 6to4 of 127.0.0.1
    [InlineData("2001:0:0:0:0:0:0:1", "reserved")] // Teredo
    public void RefusalOf_SpecialAddress_NamesTheRule(string address, string rule)
    {
        var policy = new EgressPolicy(new ImageOptions());
        Assert.Contains(rule, policy.RefusalOf(IPAddress.Parse(address)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2606:4700::1111")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("::ffff:8.8.8.8")]
    public void RefusalOf_PublicAddress_IsNull(string address) =>
        Assert.Null(new EgressPolicy(new ImageOptions()).RefusalOf(IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("fd12::1", true)]
    [InlineData("::ffff:192.168.0.1", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("fe80::1", false)]
    public void RefusalOf_PrivateNetworksAllowed_LetsThoseThroughAndNoMetadata(string address, bool allowed) =>
        Assert.Equal(allowed, new EgressPolicy(new ImageOptions { AllowPrivateNetworks = true }).RefusalOf(IPAddress.Parse(address)) is null);

    [Theory]
    [InlineData("file:///etc/passwd", "scheme")]
    [InlineData("ftp://example.org/a.png", "scheme")]
    [InlineData("gopher://example.org/", "scheme")]
    [InlineData("http://user:secret@example.org/a.png", "user name")]
    [InlineData("http://metadata.google.internal/computeMetadata/v1/", "metadata")]
    [InlineData("http://METADATA./", "metadata")]
    public void RefusalOf_Address_NamesTheRule(string address, string rule) =>
        Assert.Contains(rule, new EgressPolicy(new ImageOptions()).RefusalOf(new Uri(address)), StringComparison.Ordinal);

    [Fact]
    public void Trusts_AllowedOrigin_IsSchemeHostAndPortTogether()
    {
        var options = new ImageOptions();
        options.AllowedOrigins.Add("http://127.0.0.1:18999");
        options.AllowedOrigins.Add("https://images.example.org");
        var policy = new EgressPolicy(options);
        Assert.True(policy.Trusts(new Uri("http://127.0.0.1:18999/a.png")) && policy.Trusts(new Uri("https://IMAGES.example.org:443/b")));
        Assert.False(policy.Trusts(new Uri("http://127.0.0.1:18998/a.png")) || policy.Trusts(new Uri("https://127.0.0.1:18999/")) || policy.Trusts(new Uri("http://images.example.org/")));
        options.AllowedOrigins.Add("nonsense");
        Assert.Throws<ArgumentException>(() => new EgressPolicy(options));
    }
}
