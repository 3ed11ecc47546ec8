using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Tramontane.Server.Console;
using Tramontane.Server.Images;

namespace Tramontane.Server;

/// <summary>Everything about the HTTP side that an operator may choose.</summary>
public sealed class ServerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Server";

    /// <summary>Where to listen: an IP address, <c>localhost</c>, or <c>*</c> for every address of the machine.</summary>
    [Required] public string Host { get; set; } = "127.0.0.1";

    /// <summary>TCP port; 0 takes a free one, which <see cref="ServerHost.Url"/> then names.</summary>
    [Range(0, 65535)] public int Port { get; set; } = 8080;

    /// <summary>Keys that may ask the model and nothing else, as <c>Authorization: Bearer</c> or <c>x-api-key</c>. Those of a meter come to them.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>Keys that may do everything: ask the model, read all usage, administrate keys, accounts and prices.</summary>
    public IList<string> AdminKeys { get; } = [];

    /// <summary>Let nobody in without a key, also while there is none at all. Without it a server without keys is open.</summary>
    public bool RequireKey { get; set; }

    /// <summary>Largest request body in bytes. A request in flight may hold about twice as much memory.</summary>
    [Range(1024, 1L << 30)] public long MaxBodyBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Further names that requests may give the model; the first becomes the id of the model card. A name that ends in
    /// <c>*</c> stands for all that begin so, such as <c>claude-*</c>, and is not listed.
    /// </summary>
    public IList<string> ServedModelNames { get; } = [];

    /// <summary>Answer requests for any model name with the loaded model.</summary>
    public bool AcceptAnyModel { get; set; }

    /// <summary>Temperature of requests that give none; the model card shows it. 1 as with OpenAI; Mistral recommends 0.15 for this model.</summary>
    [Range(0.0, 2.0)] public double DefaultTemperature { get; set; } = 1;

    /// <summary>Refuse fields that nobody knows instead of naming them in a reply header.</summary>
    public bool StrictParams { get; set; }

    /// <summary>Read the model's name from <c>model_id</c> too and, below <c>/api/v7/llm</c>, the API key from the body's <c>key</c>.</summary>
    public bool AcceptProviderFields { get; set; } = true;

    /// <summary>Keep replies of <c>/v1/responses</c>, so that clients may go on from them, fetch and delete them.</summary>
    public bool StoreResponses { get; set; } = true;

    /// <summary>Replies kept for one key; the oldest go first. Each holds its whole conversation in memory.</summary>
    [Range(1, 100_000)] public int MaxStoredResponses { get; set; } = 256;

    /// <summary>Bytes of all kept replies together; the oldest go first.</summary>
    [Range(1024, 1L << 40)] public long MaxStoredResponseBytes { get; set; } = 256L << 20;

    /// <summary>Requests that one key may make in a minute; 0 for any number. While the server is open, all clients share one limit.</summary>
    [Range(0, 1_000_000)] public int RequestsPerMinute { get; set; }

    /// <summary>Tokens, of prompts and answers, that one key may use in a minute; 0 for any number.</summary>
    [Range(0, 1_000_000_000)] public int TokensPerMinute { get; set; }

    /// <summary>Web origins whose pages may call the server; <c>*</c> is all of them.</summary>
    public IList<string> CorsOrigins { get; } = ["*"];

    /// <summary>Sequences that one request may start (prompts times <c>n</c>). Higher: one client can fill the queue.</summary>
    [Range(1, 4096)] public int MaxSequencesPerRequest { get; set; } = 128;

    /// <summary>What images may cost and where they may be fetched from.</summary>
    [ValidateObjectMembers] public ImageOptions Images { get; } = new();

    /// <summary>The pages that people see.</summary>
    [ValidateObjectMembers] public ConsoleOptions Console { get; } = new();

    /// <summary>A stream without news for this long gets a comment line, so that proxies keep it open.</summary>
    [Range(1, 3600)] public int KeepAliveSeconds { get; set; } = 15;

    /// <summary>A client that takes nothing of its reply for this long is cut off, which frees what it holds.</summary>
    [Range(1, 86400)] public int SlowReaderTimeoutSeconds { get; set; } = 300;
}

[OptionsValidator]
internal sealed partial class ServerOptionsValidator : IValidateOptions<ServerOptions>;
