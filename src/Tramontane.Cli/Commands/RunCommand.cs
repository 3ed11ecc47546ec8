using System.CommandLine;
using System.Text.Json;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Conversation;
using Tramontane.Cli.Models;
using Tramontane.Cli.Terminal;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane run</c>: one prompt, one answer, nothing else on standard output.</summary>
internal static class RunCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var prompt = new Argument<string?>("PROMPT") { Description = "The question; what is piped in is appended to it.", Arity = ArgumentArity.ZeroOrOne };
        prompt.RefuseOptions();
        var system = new Option<string?>("--system") { Description = "A system prompt.", HelpName = "TEXT" };
        var images = new Option<string[]>("--image") { Description = "An image to show with the prompt; may be given several times.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print the answer, why it ended and its token counts as one JSON object." };
        var command = new Command("run", "Answer one prompt on standard output.") { prompt, system, images, json };
        var engineArguments = new EngineArguments();
        engineArguments.AddTo(command, oneSequence: true);
        var sampling = new SamplingArguments();
        sampling.AddTo(command);
        command.SetBody(async result =>
        {
            string question = ReadQuestion(result.GetValue(prompt));
            using InferenceEngine engine = ModelLoading.Load(engineArguments.Read(result));
            var session = new ChatSession(engine, sampling.Read(result), sampling.ReadMaxTokens(result)) { System = result.GetValue(system) };
            foreach (string image in result.GetValue(images) ?? [])
            {
                await session.AttachAsync(image);
            }

            bool asJson = result.GetValue(json);
            Answer answer = await session.AskAsync(question, asJson ? _ => { } : Console.Out.Write, CancellationToken.None);
            Finish(answer, session, asJson);
        });
        return (command,
        [
            "tramontane run 'What is the capital of France?'",
            "cat letter.txt | tramontane run 'Summarise this letter:' --model model.gguf",
            "tramontane run 'What does this say?' --image page.png --model model.gguf --mmproj mmproj.gguf",
            "tramontane run 'Write a haiku.' --temperature 0.8 --seed 7 --json",
        ]);
    }

    private static string ReadQuestion(string? prompt)
    {
        string piped = Console.IsInputRedirected ? Console.In.ReadToEnd().TrimEnd('\n', '\r') : "";
        string[] parts = [.. new[] { prompt ?? "", piped }.Where(part => part.Length > 0)];
        return parts.Length > 0
            ? string.Join("\n\n", parts)
            : throw new CommandFailure("run needs a prompt: tramontane run 'What is the capital of France?', or pipe one in.", CommandFailure.Usage);
    }

    private static void Finish(Answer answer, ChatSession session, bool asJson)
    {
        if (asJson)
        {
            var report = new RunReport(
                answer.Text,
                answer.FinishReason == FinishReason.Length ? "length" : "stop",
                answer.Usage?.PromptTokens ?? 0,
                answer.Usage?.CompletionTokens ?? 0,
                session.Sampling.Seed);
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ConversationJson.Default.RunReport));
            return;
        }

        if (!answer.Text.EndsWith('\n'))
        {
            Console.Out.WriteLine();
        }

        if (answer.FinishReason == FinishReason.Length)
        {
            Notices.Warn("The answer was cut at its longest length: raise --max-tokens or --ctx.");
        }
    }
}
