using Tramontane.Grammar;

namespace Tramontane.Inference.Engine;

/// <summary>What an answer must fit. Compiled once, shared by any number of requests.</summary>
/// <param name="Grammar">The texts that fit, over the model's whole vocabulary, end-of-sequence as its end token.</param>
/// <param name="ArmedBy">
/// With a token id: the answer is free until that token comes, and from that token on it must fit. Null: it must fit from the beginning.
/// </param>
public sealed record Constraint(CompiledGrammar Grammar, int? ArmedBy = null);
