using System.Text.Json;
using Tramontane.Cli.Tokens;
using Tramontane.Grammar;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Tokenization;

namespace Tramontane.Cli.Benchmarking;

/// <summary>
/// Runs MaskBench's files: each has a schema and instances that fit it or do not. Every instance is written as Python's
/// <c>json.dumps(ensure_ascii=False)</c> writes it, tokenized, and fed token by token; before each token the mask of the whole
/// vocabulary is computed and timed on this one thread, by the processor time that the thread takes.
/// </summary>
internal sealed class MaskBench(Tokenizer tokenizer)
{
    private readonly TokenVocabulary _vocabulary = new(tokenizer.VocabularySize, tokenizer.TokenBytes, tokenizer.IsControl, SpecialTokens.Eos);
    private readonly List<double> _maskMicroseconds = [];
    private readonly List<double> _firstMaskMicroseconds = [];
    private readonly List<double> _compileMicroseconds = [];

    /// <summary>Runs all <c>*.json</c> files of a folder, in the order of their names.</summary>
    public MaskBenchReport Run(string folder, Action<string>? progress = null)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)];
        WarmUp();
        var failures = new List<MaskBenchFailure>();
        int compileErrors = 0, validationErrors = 0, invalidationErrors = 0, passing = 0, instances = 0;
        foreach (string file in files)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { MaxDepth = 1024 });
            FileResult result = Measure(document.RootElement);
            instances += result.Instances;
            compileErrors += result.CompileError is null ? 0 : 1;
            validationErrors += result.RefusedValid;
            invalidationErrors += result.AcceptedInvalid;
            if (result.Reason is string reason)
            {
                failures.Add(new MaskBenchFailure(Path.GetFileName(file), result.Kind, reason));
            }
            else
            {
                passing++;
            }

            if (failures.Count + passing is int done && done % 1000 == 0)
            {
                progress?.Invoke($"{done} of {files.Length} files");
            }
        }

        return new MaskBenchReport(files.Length, passing, compileErrors, validationErrors, invalidationErrors, instances, _maskMicroseconds.Count, ThreadClock.Name,
            Distribution.Of(_maskMicroseconds), Distribution.Of(_firstMaskMicroseconds), Distribution.Of(_compileMicroseconds), failures);
    }

    // The code is compiled by its first runs; they are not what the figures are about.
    private void WarmUp()
    {
        const string Sample = """
            {"schema":{"type":"object","properties":{"a":{"type":"string","maxLength":20},"b":{"type":"array","items":{"anyOf":[{"type":"integer","minimum":1},{"enum":["x","y"]}]}},
            "c":{"type":"string","pattern":"^[a-z]+$"},"d":{"type":"string","format":"date-time"},"e":{"oneOf":[{"type":"number"},{"type":"null"}]}},"required":["a"],"additionalProperties":{"type":"string"}},
            "tests":[{"valid":true,"data":{"a":"one two","b":[1,22,"x"],"c":"abc","d":"2024-01-01T00:00:00Z","e":1.5,"other":"text"}},{"valid":false,"data":{"b":[0]}}]}
            """;
        using JsonDocument document = JsonDocument.Parse(Sample);
        for (int i = 0; i < 60; i++)
        {
            Measure(document.RootElement);
        }

        _maskMicroseconds.Clear();
        _firstMaskMicroseconds.Clear();
        _compileMicroseconds.Clear();
        GC.Collect();
    }

    private FileResult Measure(JsonElement file)
    {
        ulong[] mask = new ulong[_vocabulary.MaskWords];
        CompiledGrammar grammar;
        double start = ThreadClock.Microseconds;
        try
        {
            grammar = CompiledGrammar.FromJsonSchema(_vocabulary, file.GetProperty("schema"), JsonSchemaOptions.Exact);
            _compileMicroseconds.Add(ThreadClock.Microseconds - start);
            grammar.CreateMatcher().ComputeMask(mask);
        }
        catch (GrammarException fault)
        {
            return new FileResult { Kind = "compile_error", CompileError = fault.Message, Reason = fault.Message };
        }

        _firstMaskMicroseconds.Add(ThreadClock.Microseconds - start);
        var result = new FileResult();
        int index = 0;
        foreach (JsonElement test in file.GetProperty("tests").EnumerateArray())
        {
            string text = PythonText.Of(test.GetProperty("data"));
            bool valid = test.GetProperty("valid").GetBoolean();
            string? refusal = Feed(grammar.CreateMatcher(), tokenizer.Encode(text), mask);
            result.Instances++;
            if (valid && refusal is not null)
            {
                result.RefusedValid++;
                result.Kind = "validation_error";
                result.Reason ??= $"test {index}: refused {refusal}";
            }
            else if (!valid && refusal is null)
            {
                result.AcceptedInvalid++;
                result.Kind = "invalidation_error";
                result.Reason = $"test {index}: accepted, {(test.TryGetProperty("description", out JsonElement d) ? d.ToString() : "invalid")}";
            }

            index++;
        }

        return result;
    }

    // Null when the text is accepted, otherwise where it was not.
    private string? Feed(GrammarMatcher matcher, int[] tokens, ulong[] mask)
    {
        for (int i = 0; i <= tokens.Length; i++)
        {
            int token = i < tokens.Length ? tokens[i] : SpecialTokens.Eos;
            double start = ThreadClock.Microseconds;
            matcher.ComputeMask(mask);
            _maskMicroseconds.Add(ThreadClock.Microseconds - start);
            bool allowed = ((mask[token >> 6] >> (token & 63)) & 1) != 0;
            if (matcher.TryConsume(token) != allowed)
            {
                throw new InvalidOperationException($"The mask says {allowed} of token {token} and the matcher says otherwise.");
            }

            if (!allowed)
            {
                return i == tokens.Length ? "at its end" : $"at token {i}, '{tokenizer.TokenText(token)}', after '{tokenizer.Decode(tokens.AsSpan(Math.Max(0, i - 12)..i))}'";
            }
        }

        return null;
    }

    private sealed class FileResult
    {
        public string Kind { get; set; } = "";

        public string? CompileError { get; init; }

        public string? Reason { get; set; }

        public int Instances { get; set; }

        public int RefusedValid { get; set; }

        public int AcceptedInvalid { get; set; }
    }
}
