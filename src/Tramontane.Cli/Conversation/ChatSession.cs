using System.Globalization;
using System.Text;
using Tramontane.Cli.CommandLine;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Sampling;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Cli.Conversation;

/// <summary>A conversation with a model. For one caller at a time.</summary>
/// <param name="engine">Answers.</param>
/// <param name="sampling">How tokens are drawn at first.</param>
/// <param name="maxTokens">Longest answer; null for the rest of the context.</param>
internal sealed class ChatSession(IInferenceEngine engine, SamplingParameters sampling, int? maxTokens)
{
    private readonly InstructFormat _format = new(engine.Tokenizer);
    private readonly List<ChatMessage> _messages = [];
    private readonly List<ChatImage> _images = []; // an image part's source is its index here
    private readonly List<ContentPart> _attached = []; // for the next question

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Sampling { get; set; } = sampling;

    /// <summary>The system prompt; null for none.</summary>
    public string? System { get; set; }

    /// <summary>What was said, the system prompt first if there is one.</summary>
    public IReadOnlyList<ChatMessage> Messages => System is null ? _messages : [Text(ChatRole.System, System), .. _messages];

    /// <summary>Forgets what was said and shown; the system prompt stays.</summary>
    public void Clear()
    {
        _messages.Clear();
        _images.Clear();
        _attached.Clear();
    }

    /// <summary>Shows the model an image together with the next question.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CommandFailure">It cannot be read, or the model runs without its vision encoder.</exception>
    public async Task<ChatImage> AttachAsync(string path)
    {
        if (!engine.Model.TakesImages)
        {
            throw new CommandFailure("The model runs without its vision encoder: give --mmproj the mmproj GGUF file that belongs to it.");
        }

        ChatImage image = await ImageFiles.ReadAsync(path, engine.Tokenizer.Images);
        _attached.Add(new ImagePart(image.Image.Size, $"{_images.Count}"));
        _images.Add(image);
        return image;
    }

    /// <summary>The image of a part of <see cref="Messages"/>.</summary>
    public ChatImage ImageOf(ImagePart part) => _images[int.Parse(part.Source!, CultureInfo.InvariantCulture)];

    /// <summary>
    /// Asks, and writes the answer as it comes. A cancelled answer stays in the conversation as far as it came; a question
    /// that got no answer at all is forgotten.
    /// </summary>
    /// <exception cref="CommandFailure">The question was refused; the message says what to do.</exception>
    public async Task<Answer> AskAsync(string question, Action<string> write, CancellationToken cancellationToken)
    {
        _messages.Add(new ChatMessage { Role = ChatRole.User, Content = [.. _attached, new TextPart(question)] });
        var text = new StringBuilder();
        try
        {
            return await GenerateAsync(text, write, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new Answer(text.ToString(), null, null);
        }
        finally
        {
            // The format has no empty answers, and two questions in a row would become one.
            if (text.Length > 0)
            {
                _messages.Add(Text(ChatRole.Assistant, text.ToString()));
                _attached.Clear();
            }
            else
            {
                // Its images stay for the next question.
                _messages.RemoveAt(_messages.Count - 1);
            }
        }
    }

    private async Task<Answer> GenerateAsync(StringBuilder text, Action<string> write, CancellationToken cancellationToken)
    {
        if (!_format.TryEncode(new ChatConversation { Messages = Messages }, out EncodedChat? chat, out ChatFormatError? error))
        {
            throw new CommandFailure(error.Message);
        }

        var request = new GenerationRequest
        {
            PromptTokens = chat.Tokens,
            Images = [.. chat.Images.Select(slot => new PromptImage(slot.Start, ImageOf(slot.Image).Image))],
            Sampling = Sampling,
            MaxTokens = maxTokens,
        };
        Submission submission = engine.Submit(request, cancellationToken);
        if (submission.Updates is null)
        {
            throw Refusal(submission.Refusal, chat.Tokens.Length);
        }

        FinishReason? reason = null;
        TokenUsage? usage = null;
        await foreach (GenerationUpdate update in submission.Updates)
        {
            if (update.Text.Length > 0)
            {
                text.Append(update.Text);
                write(update.Text);
            }

            (reason, usage) = (update.FinishReason ?? reason, update.Usage);
        }

        return new Answer(text.ToString(), reason, usage);
    }

    private CommandFailure Refusal(SubmissionRefusal? refusal, int promptTokens) => new(refusal switch
    {
        SubmissionRefusal.PromptTooLong =>
            $"The prompt has {promptTokens} tokens, and the context ends at {engine.Model.ContextLength}: shorten it, or raise --ctx.",
        SubmissionRefusal.QueueFull => "Too many requests wait already: try again later.",
        _ => "The engine has stopped: start the program again.",
    });

    private static ChatMessage Text(ChatRole role, string text) => new() { Role = role, Content = [new TextPart(text)] };
}

/// <summary>An answer as far as it came.</summary>
/// <param name="Text">What was written.</param>
/// <param name="FinishReason">Why it ended; null when it was cancelled.</param>
/// <param name="Usage">Token counts; null when it was cancelled.</param>
internal sealed record Answer(string Text, FinishReason? FinishReason, TokenUsage? Usage);
