using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Console.Keys;

/// <summary>A form's fields as they were typed, and what is wrong with them, both by name.</summary>
internal sealed class FormState
{
    internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Errors { get; } = new(StringComparer.Ordinal);

    internal string Value(string name) => Values.GetValueOrDefault(name, "");

    internal string? Error(string name) => Errors.GetValueOrDefault(name);
}

/// <summary>Reads the forms of keys, accounts and credit. Names are those of the API's fields.</summary>
internal static class KeyFormReader
{
    /// <summary>The hidden field that says which settings a form was begun from.</summary>
    internal const string SeenField = "seen";

    /// <summary>Limits in whole numbers: field and label.</summary>
    internal static readonly (string Name, string Label)[] Counts =
    [
        ("requests_per_minute", "Requests a minute"), ("requests_per_day", "Requests a day"), ("tokens_per_minute", "Tokens a minute"),
        ("tokens_per_day", "Tokens a day"), ("concurrent_requests", "Requests at one time"),
    ];

    /// <summary>Limits in money: field and label.</summary>
    internal static readonly (string Name, string Label)[] Amounts = [("money_per_day", "Money a day"), ("money_per_month", "Money a month"), ("money_total", "Money in total")];

    /// <summary>A key's settings; null with the form's errors when a field is wrong.</summary>
    internal static KeySettings? ReadSettings(IFormCollection form, FormState state)
    {
        string name = Text(form, state, "name");
        if (name.Length is 0 or > 200)
        {
            state.Errors["name"] = "A name has 1 to 200 characters.";
        }

        string[] words = [.. form["scopes"].Select(s => s ?? "")];
        state.Values["scopes"] = string.Join(' ', words);
        if (!KeyScopeNames.TryParse(words, out KeyScopes scopes) || scopes == KeyScopes.None)
        {
            state.Errors["scopes"] = "Choose one or more.";
        }

        DateTimeOffset? expires = null;
        if (Text(form, state, "expires_at") is { Length: > 0 } day)
        {
            if (DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
            {
                expires = new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero);
            }
            else
            {
                state.Errors["expires_at"] = "A day such as 2027-05-08.";
            }
        }

        long?[] counts = [.. Counts.Select(c => Count(form, state, c.Name))];
        decimal?[] amounts = [.. Amounts.Select(a => Amount(form, state, a.Name))];
        var limits = new KeyLimits
        {
            RequestsPerMinute = counts[0],
            RequestsPerDay = counts[1],
            TokensPerMinute = counts[2],
            TokensPerDay = counts[3],
            ConcurrentRequests = counts[4],
            MoneyPerDay = amounts[0],
            MoneyPerMonth = amounts[1],
            MoneyTotal = amounts[2],
        };
        return state.Errors.Count > 0 ? null : new KeySettings { Name = name, Scopes = scopes, ExpiresAt = expires, Limits = limits };
    }

    /// <summary>The form of a key as it is.</summary>
    internal static FormState Of(KeySettings settings)
    {
        var state = new FormState();
        KeyLimits limits = settings.Limits;
        state.Values["name"] = settings.Name;
        state.Values["scopes"] = string.Join(' ', KeyScopeNames.Of(settings.Scopes));
        state.Values["expires_at"] = settings.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
        long?[] counts = [limits.RequestsPerMinute, limits.RequestsPerDay, limits.TokensPerMinute, limits.TokensPerDay, limits.ConcurrentRequests];
        decimal?[] amounts = [limits.MoneyPerDay, limits.MoneyPerMonth, limits.MoneyTotal];
        for (int i = 0; i < counts.Length; i++)
        {
            state.Values[Counts[i].Name] = counts[i]?.ToString(CultureInfo.InvariantCulture) ?? "";
        }

        for (int i = 0; i < amounts.Length; i++)
        {
            state.Values[Amounts[i].Name] = amounts[i] is { } amount ? Money.Format(amount) : "";
        }

        state.Values[SeenField] = VersionOf(settings);
        return state;
    }

    /// <summary>Stands for settings: changes with each of them.</summary>
    internal static string VersionOf(KeySettings settings) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{settings} {settings.ExpiresAt?.UtcTicks}"))))[..32];

    /// <summary>What an account is given; the form's own id makes sending it twice harmless. Null with the form's errors when a field is wrong.</summary>
    internal static NewCredit? ReadCredit(IFormCollection form, FormState state)
    {
        decimal? amount = Amount(form, state, "amount", isSigned: true);
        string tokens = Text(form, state, "free_tokens");
        long free = 0;
        if (tokens.Length > 0 && !long.TryParse(tokens, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out free))
        {
            state.Errors["free_tokens"] = "A whole number.";
        }

        string currency = Text(form, state, "currency").ToUpperInvariant(), note = Text(form, state, "note");
        if (amount is null or 0 && free == 0 && state.Errors.Count == 0)
        {
            state.Errors["amount"] = "An amount, free tokens, or both.";
        }

        return state.Errors.Count > 0 ? null : new NewCredit { Id = "form_" + form["once"], Amount = amount ?? 0, Currency = amount is null or 0 ? null : currency, FreeTokens = free, Note = note };
    }

    internal static string Text(IFormCollection form, FormState state, string name) => state.Values[name] = form[name].ToString().Trim();

    private static long? Count(IFormCollection form, FormState state, string name)
    {
        string text = Text(form, state, name);
        if (text.Length == 0)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= 1_000_000_000_000)
        {
            return value;
        }

        state.Errors[name] = "A whole number from 0 to 1000000000000, or nothing.";
        return null;
    }

    private static decimal? Amount(IFormCollection form, FormState state, string name, bool isSigned = false)
    {
        string text = Text(form, state, name);
        if (text.Length == 0)
        {
            return null;
        }

        NumberStyles style = NumberStyles.AllowDecimalPoint | (isSigned ? NumberStyles.AllowLeadingSign : NumberStyles.None);
        if (text.Length <= 40 && decimal.TryParse(text, style, CultureInfo.InvariantCulture, out decimal value)
            && Math.Abs(value) <= Money.LargestAmount && decimal.Round(value, Money.Decimals) == value)
        {
            return value;
        }

        state.Errors[name] = $"An amount such as 12.50, with at most {Money.Decimals} decimals{(isSigned ? "" : ", or nothing")}.";
        return null;
    }
}
