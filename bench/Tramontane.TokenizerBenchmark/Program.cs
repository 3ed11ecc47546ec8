// Usage: Tramontane.TokenizerBenchmark VOCABULARY.br TEXT
// Each line "encode" on standard input encodes the whole text once and answers one line of JSON: milliseconds, tokens
// and a hash of the ids. "ids" writes the ids as a JSON array. bench/tokenizer/run.mjs drives it.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tramontane.Tokenization;

if (args is not [string vocabularyPath, string textPath])
{
    Console.Error.WriteLine("usage: Tramontane.TokenizerBenchmark VOCABULARY.br TEXT");
    return 2;
}

var loading = Stopwatch.StartNew();
using FileStream vocabulary = File.OpenRead(vocabularyPath);
Tokenizer tokenizer = Tokenizer.FromCompact(vocabulary);
string text = File.ReadAllText(textPath, new UTF8Encoding(false));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"loadMilliseconds\":{loading.Elapsed.TotalMilliseconds:F1}}}"));
var ids = new List<int>();
while (Console.ReadLine() is string command)
{
    if (command == "ids")
    {
        Console.WriteLine($"[{string.Join(',', ids)}]");
        continue;
    }

    ids.Clear();
    long allocated = GC.GetAllocatedBytesForCurrentThread();
    long start = Stopwatch.GetTimestamp();
    tokenizer.Encode(text, ids);
    double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{{\"milliseconds\":{milliseconds:F3},\"tokens\":{ids.Count},\"allocatedBytes\":{allocated}}}"));
}

return 0;
