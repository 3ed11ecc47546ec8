using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

public sealed class EndOfSequenceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Append_OfEndOfSequence_GivesItsLogprobsApartFromTheListedTokens(bool asked)
    {
        var tokenizer = new Tokenizer([.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })], SpecialTokens.Names(SpecialTokens.Count));
        var assembler = new OutputAssembler(tokenizer, new GenerationRequest { PromptTokens = [SpecialTokens.Bos] });
        PositionLogprobs? logprobs = asked ? new PositionLogprobs(new TokenLogprob(SpecialTokens.Eos, -1), []) : null;
        GenerationUpdate last = assembler.Append(SpecialTokens.Eos, logprobs)!;
        Assert.Empty(last.TokenIds);
        Assert.Empty(last.Logprobs);
        Assert.Same(logprobs, last.EndOfSequence);
    }
}
