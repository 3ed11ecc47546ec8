using System.Runtime.InteropServices;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Terminal;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Conversation;

/// <summary>Reads lines, obeys those with a slash and sends the others to the model, until the person leaves.</summary>
/// <param name="session">The conversation.</param>
/// <param name="lines">What the person says.</param>
/// <param name="output">Where answers go.</param>
/// <param name="say">Where everything else goes.</param>
internal sealed class ChatLoop(ChatSession session, ILineSource lines, TextWriter output, Action<string> say)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answer; // set while an answer is under way

    /// <summary>Runs until the input ends. A line that fails is reported and harms no other.</summary>
    /// <returns>Whether every line succeeded.</returns>
    public async Task<bool> RunAsync()
    {
        // During an answer Ctrl-C stops it; at other times it ends the program as usual.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = StopAnswer());
        var commands = new ChatCommands(session, say);
        bool succeeded = true;
        while (lines.ReadLine() is string line)
        {
            try
            {
                if (line.StartsWith('/'))
                {
                    if (!await commands.ObeyAsync(line.TrimEnd()))
                    {
                        break;
                    }
                }
                else if (!string.IsNullOrWhiteSpace(line))
                {
                    await AnswerAsync(line);
                }
            }
            catch (Exception exception) when (exception is CommandFailure or IOException or UnauthorizedAccessException)
            {
                say(exception.Message);
                succeeded = false;
            }
        }

        return succeeded;
    }

    /// <summary>Stops the answer under way.</summary>
    /// <returns>Whether there was one.</returns>
    internal bool StopAnswer()
    {
        lock (_gate)
        {
            _answer?.Cancel();
            return _answer is not null;
        }
    }

    private async Task AnswerAsync(string question)
    {
        var stop = new CancellationTokenSource();
        lock (_gate)
        {
            _answer = stop;
        }

        try
        {
            Answer answer = await session.AskAsync(question, Write, stop.Token);
            output.WriteLine();
            if (answer.FinishReason is null)
            {
                say("Stopped.");
            }
            else if (answer.FinishReason == FinishReason.Length)
            {
                say("The answer was cut at its longest length.");
            }
        }
        finally
        {
            lock (_gate)
            {
                _answer = null;
                stop.Dispose();
            }
        }
    }

    private void Write(string text)
    {
        output.Write(text);
        output.Flush();
    }
}
