using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Console.Cost;

/// <summary>A price that the calculator can choose, per 1,000,000 tokens.</summary>
/// <param name="Id">Its name in the query string.</param>
/// <param name="Label">For people.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Prompt">For prompts.</param>
/// <param name="Cached">For cached prompts.</param>
/// <param name="Completion">For answers.</param>
internal sealed record PriceChoice(string Id, string Label, string Currency, decimal Prompt, decimal Cached, decimal Completion);

/// <summary>What the calculator is asked, as the query string says it.</summary>
/// <param name="PromptTokens">Of one request.</param>
/// <param name="CompletionTokens">Of one answer.</param>
/// <param name="RequestsPerDay">How many.</param>
/// <param name="CachedPercent">Share of the prompts that is found in the cache, 0 to 100.</param>
/// <param name="Price">The price that counts, with the visitor's own figures in it.</param>
/// <param name="HardwarePerMonth">What own hardware costs a month, power included; null when not asked.</param>
/// <param name="TokensPerSecond">What it computes: prompt tokens that are not cached, and answers; null when not known.</param>
internal sealed record CostInputs(
    long PromptTokens, long CompletionTokens, long RequestsPerDay, int CachedPercent, PriceChoice Price, decimal? HardwarePerMonth, decimal? TokensPerSecond);

/// <summary>A field as it came, with what is wrong with it.</summary>
/// <param name="Name">In the query string.</param>
/// <param name="Text">What the visitor wrote; the default when nothing.</param>
/// <param name="Rule">What it takes.</param>
/// <param name="IsWell">Whether it is so.</param>
internal sealed record CostField(string Name, string Text, string Rule, bool IsWell)
{
    /// <summary>Null when it is well.</summary>
    internal string? Error => IsWell ? null : Rule;
}

/// <summary>The query string, read.</summary>
/// <param name="Inputs">Null when a field is wrong.</param>
/// <param name="Fields">Every field by its name.</param>
internal sealed record CostQuery(CostInputs? Inputs, IReadOnlyDictionary<string, CostField> Fields)
{
    private const long MaxTokens = 1_000_000;
    private const long MaxRequests = 100_000_000;
    private const decimal MaxPrice = 10_000; // with these bounds a month has at most 28 digits, so that decimal holds it exactly
    private const decimal MaxAmount = 1_000_000_000;
    private const int PriceDecimals = 6;

    /// <summary>Reads the fields; those that are missing have their defaults.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="choices">Prices, the default first.</param>
    /// <param name="measured">Tokens per second that this server has measured; null for none.</param>
    internal static CostQuery Read(IQueryCollection query, IReadOnlyList<PriceChoice> choices, decimal? measured)
    {
        Dictionary<string, CostField> fields = [];
        long Whole(string name, long value, long min, long max)
        {
            string text = Text(query, name, value.ToString(CultureInfo.InvariantCulture));
            bool isWell = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= min && number <= max;
            fields[name] = new CostField(name, text, string.Create(CultureInfo.InvariantCulture, $"Give a whole number from {min:N0} to {max:N0}."), isWell);
            return number;
        }

        decimal? Amount(string name, decimal? value, int decimals, decimal min, decimal max)
        {
            string text = Text(query, name, value?.ToString(CultureInfo.InvariantCulture) ?? "");
            string rule = string.Create(CultureInfo.InvariantCulture, $"Give a number up to {max:N0} with at most {decimals} decimals, such as 0.075{(min > 0 ? ", above 0" : "")}.");
            if (text.Length == 0)
            {
                fields[name] = new CostField(name, text, rule, IsWell: true);
                return null;
            }

            bool isWell = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount)
                && amount >= min && amount <= max && decimal.Round(amount, decimals) == amount;
            fields[name] = new CostField(name, text, rule, isWell);
            return isWell ? amount : null;
        }

        long prompt = Whole("in", 1000, 0, MaxTokens), completion = Whole("out", 500, 0, MaxTokens), requests = Whole("rpd", 1000, 0, MaxRequests), cached = Whole("cached", 0, 0, 100);
        string id = Text(query, "price", choices[0].Id);
        PriceChoice? choice = choices.FirstOrDefault(c => c.Id == id);
        fields["price"] = new CostField("price", id, "Choose one of the prices of the list.", choice is not null);
        decimal? pin = Amount("pin", null, PriceDecimals, 0, MaxPrice), pcached = Amount("pcached", null, PriceDecimals, 0, MaxPrice), pout = Amount("pout", null, PriceDecimals, 0, MaxPrice);
        decimal? hardware = Amount("hw", null, 2, 0, MaxAmount);
        decimal? speed = Amount("tps", measured, 2, 0.01m, MaxAmount);
        if (choice is null || fields.Values.Any(f => f.Error is not null))
        {
            return new CostQuery(null, fields);
        }

        // Own figures replace the chosen ones; an own price for prompts holds for cached ones too unless that is given.
        PriceChoice price = choice with { Prompt = pin ?? choice.Prompt, Cached = pcached ?? pin ?? choice.Cached, Completion = pout ?? choice.Completion };
        return new CostQuery(new CostInputs(prompt, completion, requests, (int)cached, price, hardware, speed), fields);
    }

    private static string Text(IQueryCollection query, string name, string otherwise) =>
        query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues values) && values.ToString().Trim() is { Length: > 0 and <= 40 } text ? text : otherwise;
}
