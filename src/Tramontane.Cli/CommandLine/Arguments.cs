using System.CommandLine;
using System.Globalization;

namespace Tramontane.Cli.CommandLine;

/// <summary>Options that check their own range and say what they would have taken.</summary>
internal static class Arguments
{
    /// <summary>An integer between two bounds, with a default.</summary>
    public static Option<int> Integer(string name, string description, int defaultValue, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ReadInteger(result.Tokens[0].Value, least, most, error => result.AddError($"{name}: {error}")),
        };
        return option;
    }

    /// <summary>An integer between two bounds that may be left out.</summary>
    public static Option<int?> OptionalInteger(string name, string description, int least, int most, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => ReadInteger(result.Tokens[0].Value, least, most, error => result.AddError($"{name}: {error}")),
    };

    /// <summary>A number between two bounds, with a default.</summary>
    public static Option<float> Number(string name, string description, float defaultValue, float least, float most) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryReadNumber(text, least, most, out float value))
            {
                return value;
            }

            result.AddError($"{name}: expected a number from {least} to {most}, found '{text}'.");
            return default;
        },
    };

    /// <summary>An exact amount of money that must be given.</summary>
    public static Option<decimal> Amount(string name, string description, string helpName) => new(name)
    {
        Description = description, HelpName = helpName, Required = true, CustomParser = result => ReadAmount(result, name) ?? 0,
    };

    /// <summary>An exact amount of money that may be left out.</summary>
    public static Option<decimal?> OptionalAmount(string name, string description, string helpName) => new(name)
    {
        Description = description, HelpName = helpName, CustomParser = result => ReadAmount(result, name),
    };

    /// <summary>One of a few words, with a default.</summary>
    public static Option<string> Choice(string name, string description, string defaultValue, params string[] words) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', words),
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!words.Contains(text, StringComparer.OrdinalIgnoreCase))
            {
                result.AddError($"{name}: expected {string.Join(", ", words)}, found '{text}'.");
            }

            return text.ToLowerInvariant();
        },
    };

    /// <summary>Integers with commas between them.</summary>
    public static Option<int[]> IntegerList(string name, string alias, string description, int[] defaultValue, int least, int most) => new(name, alias)
    {
        Description = description,
        HelpName = "N,N",
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(','))
            .Select(text => ReadInteger(text, least, most, error => result.AddError($"{name}: {error}")))],
    };

    /// <summary>Takes a word that looks like an option for the misspelt option that it is, and not for a value.</summary>
    public static void RefuseOptions<T>(this Argument<T> argument) => argument.Validators.Add(result =>
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.Length > 1 && token.Value[0] == '-') is { } option)
        {
            result.AddError($"There is no option '{option.Value}'.");
        }
    });

    /// <summary>Reads a finite number between two bounds.</summary>
    public static bool TryReadNumber(string text, float least, float most, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;

    // No separators of thousands: 0,075 is not 75.
    private static decimal? ReadAmount(System.CommandLine.Parsing.ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        if (text.Length <= 40 && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
        {
            return value;
        }

        result.AddError($"{name}: expected an amount with a decimal point such as 0.075, found '{text}'.");
        return null;
    }

    private static int ReadInteger(string text, int least, int most, Action<string> refuse)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < least || value > most)
        {
            refuse(most == int.MaxValue
                ? $"expected a whole number from {least}, found '{text}'."
                : $"expected a whole number from {least} to {most}, found '{text}'.");
        }

        return value;
    }
}
