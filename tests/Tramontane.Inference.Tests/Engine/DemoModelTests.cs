using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Testing;
using Tramontane.Tokenization.Instruct;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>The bundled demo model, asked what its training never showed it in these words.</summary>
public sealed class DemoModelTests(ITestOutputHelper output)
{
    /// <summary>The least share of held-out phrasings answered rightly. See tools/demo-model/evaluation.md.</summary>
    private const double ExpectedShare = 0.95;

    [Fact]
    public async Task HeldOutPhrasings_Greedy_AreAnsweredRightly()
    {
        using InferenceEngine engine = LoadDemo();
        Question[] questions = [.. Questions().Where(q => !q.IsTaught)];
        Assert.True(questions.Length >= 300);
        bool[] right = await Task.WhenAll(questions.Select(question => IsRightAsync(engine, question)));
        foreach (IGrouping<string, bool> topic in right.Zip(questions, (r, q) => (r, q)).GroupBy(pair => pair.q.Topic, pair => pair.r))
        {
            output.WriteLine($"{topic.Key}: {topic.Count(r => r)} of {topic.Count()}");
        }

        output.WriteLine($"{right.Count(r => r)} of {right.Length} held-out questions answered rightly");
        Assert.True(right.Count(r => r) >= ExpectedShare * right.Length, $"{right.Count(r => r)} of {right.Length}");
    }

    [Fact]
    public async Task FirstPrompts_Greedy_AreAllAnsweredRightly()
    {
        using InferenceEngine engine = LoadDemo();
        Question[] questions = [.. Questions().Where(q => q.IsTaught)];
        Assert.NotEmpty(questions);
        foreach (Question question in questions)
        {
            string answer = await AnswerAsync(engine, question.Messages);
            Assert.All(question.Accept, pattern => Assert.Matches(pattern, answer));
        }
    }

    [Fact]
    public void Load_DemoModel_SaysThatItIsOne()
    {
        using InferenceEngine engine = LoadDemo();
        Assert.True(engine.Model.IsDemo);
        Assert.InRange(engine.Model.ParameterCount, 1_000_000, 20_000_000);
    }

    private static InferenceEngine LoadDemo() => InferenceEngine.Load(new EngineOptions
    {
        ModelPath = Path.Combine(Repository.Root, "models", "demo", "tramontane-demo.gguf"),
        MaxBatch = 8,
        MaxQueue = 10_000,
    });

    private static async Task<bool> IsRightAsync(InferenceEngine engine, Question question)
    {
        string answer = await AnswerAsync(engine, question.Messages);
        return question.Accept.All(pattern => Regex.IsMatch(answer, pattern));
    }

    private static async Task<string> AnswerAsync(InferenceEngine engine, IReadOnlyList<ChatMessage> messages)
    {
        var format = new InstructFormat(engine.Tokenizer);
        Assert.True(format.TryEncode(new ChatConversation { Messages = messages }, out EncodedChat? prompt, out ChatFormatError? error), error?.Message);
        var request = new GenerationRequest { PromptTokens = prompt.Tokens, Sampling = new() { Temperature = 0 }, MaxTokens = 100 };
        var answer = new StringBuilder();
        await foreach (GenerationUpdate update in engine.Submit(request, default).Updates!)
        {
            answer.Append(update.Text);
        }

        return answer.ToString();
    }

    private static IEnumerable<Question> Questions()
    {
        string path = Path.Combine(Repository.Root, "tools", "demo-model", "evaluation.json");
        foreach (JsonElement entry in JsonDocument.Parse(File.ReadAllBytes(path)).RootElement.EnumerateArray())
        {
            yield return new Question(
                entry.GetProperty("topic").GetString()!,
                [.. entry.GetProperty("messages").EnumerateArray().Select(m => new ChatMessage
                {
                    Role = Enum.Parse<ChatRole>(m.GetProperty("role").GetString()!, ignoreCase: true),
                    Content = [new TextPart(m.GetProperty("content").GetString()!)],
                })],
                [.. entry.GetProperty("accept").EnumerateArray().Select(p => p.GetString()!)],
                entry.GetProperty("taught").GetBoolean());
        }
    }

    private sealed record Question(string Topic, IReadOnlyList<ChatMessage> Messages, string[] Accept, bool IsTaught);
}
