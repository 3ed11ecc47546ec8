using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tramontane.Cli.CommandLine;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Cli.Conversation;

/// <summary>The lines of a chat that begin with a slash.</summary>
/// <param name="session">What they act on.</param>
/// <param name="say">Tells the person what happened.</param>
internal sealed class ChatCommands(ChatSession session, Action<string> say)
{
    private static readonly (string Name, string Meaning)[] s_help =
    [
        ("/help", "this list"),
        ("/clear", "forget the conversation; the system prompt stays"),
        ("/system TEXT", "set the system prompt; without TEXT: remove it"),
        ("/image FILE", "show the model an image with the next question; several times for several"),
        ("/temperature X", $"how much chance decides, from 0; at first {SamplingArguments.DefaultTemperature}"),
        ("/seed N", "make answers repeatable; without N: show the seed"),
        ("/save FILE", "write the conversation as JSON in OpenAI's shape"),
        ("/exit", "leave; Ctrl-C at an empty line does it too, and stops an answer"),
    ];

    /// <summary>Obeys a line.</summary>
    /// <returns>False when the chat is over.</returns>
    /// <exception cref="CommandFailure">The line cannot be obeyed; the message says why.</exception>
    public async Task<bool> ObeyAsync(string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        string name = blank < 0 ? line : line[..blank], value = blank < 0 ? "" : line[(blank + 1)..].Trim();
        switch (name)
        {
            case "/help":
                foreach ((string command, string meaning) in s_help)
                {
                    say($"{command,-15}{meaning}");
                }

                return true;
            case "/clear":
                session.Clear();
                say("The conversation is forgotten.");
                return true;
            case "/system":
                session.System = value.Length > 0 ? value : null;
                say(value.Length > 0 ? "The system prompt is set." : "The system prompt is removed.");
                return true;
            case "/image":
                await ShowAsync(value);
                return true;
            case "/temperature":
                SetTemperature(value);
                return true;
            case "/seed":
                SetSeed(value);
                return true;
            case "/save":
                Save(value);
                return true;
            case "/exit" or "/quit":
                return false;
            default:
                throw new CommandFailure($"There is no command '{name}': /help lists them.");
        }
    }

    private async Task ShowAsync(string path)
    {
        ChatImage shown = await session.AttachAsync(path.Length > 0 ? path : throw new CommandFailure("/image needs a file: /image page.png"));
        say($"{shown.Image.Size.Width} x {shown.Image.Size.Height} pixels, {shown.Image.Grid.TokenCount} tokens: now ask about it.");
    }

    private void SetTemperature(string value)
    {
        if (!Arguments.TryReadNumber(value, 0, 100, out float temperature))
        {
            throw new CommandFailure($"/temperature takes a number from 0 to 100, found '{value}'.");
        }

        session.Sampling = session.Sampling with { Temperature = temperature };
        say($"The temperature is {temperature}.");
    }

    private void SetSeed(string value)
    {
        if (value.Length > 0)
        {
            session.Sampling = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                ? session.Sampling with { Seed = seed }
                : throw new CommandFailure($"/seed takes a whole number, found '{value}'.");
        }

        say($"The seed is {session.Sampling.Seed}.");
    }

    private void Save(string path)
    {
        if (path.Length == 0)
        {
            throw new CommandFailure("/save needs a file: /save chat.json");
        }

        var chat = new SavedChat([.. session.Messages.Select(message => new SavedMessage(message.Role.ToString().ToLowerInvariant(), Saved(message.Content)))]);
        File.WriteAllText(path, JsonSerializer.Serialize(chat, ConversationJson.Default.SavedChat) + "\n");
        say($"{chat.Messages.Count} messages are in {path}.");
    }

    // A text alone as a string, as most programs write it; images as parts with a data: URL.
    private JsonNode Saved(IReadOnlyList<ContentPart> content) => content.OfType<ImagePart>().Any()
        ? new JsonArray([.. content.Select(part => part is ImagePart image
            ? (JsonNode)new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = session.ImageOf(image).DataUrl } }
            : new JsonObject { ["type"] = "text", ["text"] = ((TextPart)part).Text })])
        : JsonValue.Create(string.Concat(content.OfType<TextPart>().Select(part => part.Text)));
}
