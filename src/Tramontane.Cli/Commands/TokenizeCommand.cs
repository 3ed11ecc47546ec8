using System.CommandLine;
using System.Text;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Tokens;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane tokenize</c>: texts and chats to token ids and back, exactly as mistral-common does it.</summary>
internal static class TokenizeCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var tokenizer = new Option<string>("--tokenizer")
        {
            Description = "A tekken.json, or a GGUF file with its tokenizer inside.", HelpName = "FILE", Required = true,
        };
        var text = new Option<string>("--text") { Description = "Encode a text file; '-' reads standard input.", HelpName = "FILE" };
        var chat = new Option<string>("--chat")
        {
            Description = "Encode a chat request in OpenAI's shape, with tools; '-' reads standard input.", HelpName = "FILE",
        };
        var jsonl = new Option<bool>("--jsonl")
        {
            Description = "Answer one line for each line of standard input: {\"text\"} to encode, {\"ids\"} to decode, or a chat request.",
        };
        Option<string> validation = Arguments.Choice("--validation", "mistral-common's validation mode for chats.", "test", "test", "serving");
        var keep = new Option<bool>("--keep-control") { Description = "Decode control tokens to their names instead of leaving them out." };

        var command = new Command("tokenize", "Turn text and chat requests into token ids, and ids into text.") { tokenizer, text, chat, jsonl, validation, keep };
        command.SetBody(result =>
        {
            string? textPath = result.GetValue(text), chatPath = result.GetValue(chat);
            bool lines = result.GetValue(jsonl);
            if ((textPath is null ? 0 : 1) + (chatPath is null ? 0 : 1) + (lines ? 1 : 0) != 1)
            {
                throw new CommandFailure("tokenize needs one of --text FILE, --chat FILE and --jsonl.", CommandFailure.Usage);
            }

            Tokenizer vocabulary = TokenizerFile.Load(result.GetValue(tokenizer)!);
            var mode = result.GetValue(validation) == "serving" ? ValidationMode.Serving : ValidationMode.Test;
            var desk = new TokenDesk(vocabulary, mode, result.GetValue(keep) ? ControlTokens.Keep : ControlTokens.Ignore);
            if (lines)
            {
                using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput();
                desk.AnswerLines(input, output);
                return;
            }

            Console.Out.WriteLine(textPath is not null
                ? Print(vocabulary.Encode(Encoding.UTF8.GetString(Read(textPath))))
                : Print(desk.EncodeChat(Read(chatPath!))));
        });
        return (command,
        [
            "tramontane tokenize --tokenizer tekken.json --text letter.txt",
            "echo '{\"text\":\"Hello\"}' | tramontane tokenize --tokenizer model.gguf --jsonl",
            "echo '{\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}' | tramontane tokenize --tokenizer model.gguf --chat -",
        ]);
    }

    private static byte[] Read(string path)
    {
        if (path != "-")
        {
            return File.ReadAllBytes(path);
        }

        using Stream input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        input.CopyTo(content);
        return content.ToArray();
    }

    private static string Print(int[] ids) => $"[{string.Join(',', ids)}]";
}
