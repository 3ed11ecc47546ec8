using System.Text;
using Tramontane.Cli.Terminal;

namespace Tramontane.Cli.Tests.Terminal;

public sealed class LineBufferTests
{
    [Fact]
    public void Edits_InTheMiddle_TakeEffectAtTheCursor()
    {
        var line = new LineBuffer();
        line.Set("one two  three");
        line.DeleteWord();
        Assert.Equal(("one two  ", 9), (line.Text, line.Cursor));
        line.DeleteWord();
        Assert.Equal("one ", line.Text);
        line.Left();
        line.Insert('!');
        Assert.Equal(("one! ", 4), (line.Text, line.Cursor));
        line.DeleteToEnd();
        line.Home();
        line.Delete();
        Assert.Equal(("ne!", 0), (line.Text, line.Cursor));
        line.End();
        line.Backspace();
        line.DeleteToStart();
        Assert.Equal(("", 0), (line.Text, line.Cursor));
    }

    [Fact]
    public void Edits_AtRandom_NeverCutACharacter()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var line = new LineBuffer();
            for (int step = 0; step < 60; step++)
            {
                switch (random.Next(9))
                {
                    case 0: line.Left(); break;
                    case 1: line.Right(); break;
                    case 2: line.Backspace(); break;
                    case 3: line.Delete(); break;
                    case 4: line.DeleteWord(); break;
                    case 5: line.Home(); break;
                    case 6: line.End(); break;
                    default:
                        foreach (char c in random.Next(2) == 0 ? "a " : "😀")
                        {
                            line.Insert(c);
                        }

                        break;
                }

                bool whole = line.Text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar)
                    && (line.Cursor == 0 || line.Cursor == line.Text.Length || !char.IsLowSurrogate(line.Text[line.Cursor]));
                Assert.True(whole, $"seed {seed}, step {step}");
            }
        }
    }
}
