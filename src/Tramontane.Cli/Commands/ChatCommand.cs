using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Conversation;
using Tramontane.Cli.Models;
using Tramontane.Cli.Terminal;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane chat</c>: a conversation on the terminal, or with the lines of a pipe.</summary>
internal static class ChatCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var system = new Option<string?>("--system") { Description = "A system prompt.", HelpName = "TEXT" };
        var keep = new Option<bool>("--keep-history") { Description = $"Keep what you type for the next chat, in {HistoryFile.DefaultPath}." };
        var command = new Command("chat", "Talk to a model on the terminal; /help lists what a line can begin with.") { system, keep };
        var engineArguments = new EngineArguments();
        engineArguments.AddTo(command, oneSequence: true);
        var sampling = new SamplingArguments();
        sampling.AddTo(command);
        command.SetBody(async result =>
        {
            using InferenceEngine engine = ModelLoading.Load(engineArguments.Read(result));
            var session = new ChatSession(engine, sampling.Read(result), sampling.ReadMaxTokens(result)) { System = result.GetValue(system) };
            await ChatAsync(session, result.GetValue(keep));
        });
        return (command,
        [
            "tramontane chat",
            "tramontane chat --model model.gguf --system 'Answer in French.'",
            "printf 'Hello\\n/save chat.json\\n' | tramontane chat",
        ]);
    }

    private static async Task ChatAsync(ChatSession session, bool keepHistory)
    {
        if (!LineEditor.IsPossible)
        {
            var piped = new ChatLoop(session, new PlainLineSource(Console.In), Console.Out, Notices.Tell);
            if (!await piped.RunAsync())
            {
                throw new CommandFailure("Some lines could not be answered, see above.");
            }

            return;
        }

        var history = new LineHistory();
        if (keepHistory)
        {
            HistoryFile.Load(HistoryFile.DefaultPath, history);
        }

        Notices.Tell("Ctrl-C stops an answer; /help lists the commands; /exit leaves.");
        await new ChatLoop(session, new LineEditor("> ", history), Console.Out, Notices.Tell).RunAsync();
        if (keepHistory)
        {
            HistoryFile.Save(HistoryFile.DefaultPath, history);
        }
    }
}
