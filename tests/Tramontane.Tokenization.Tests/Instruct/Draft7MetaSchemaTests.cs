using Tramontane.Tokenization.Instruct;

namespace Tramontane.Tokenization.Tests.Instruct;

public sealed class Draft7MetaSchemaTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("true")]
    [InlineData("{\"type\":[\"string\",\"null\"],\"minLength\":3.0,\"pattern\":\"(\"}")]
    [InlineData("{\"properties\":{\"type\":{\"type\":\"string\"},\"a\":false},\"required\":[]}")]
    [InlineData("{\"items\":[{},true],\"additionalItems\":false,\"enum\":[],\"const\":null,\"default\":[1]}")]
    [InlineData("{\"dependencies\":{\"a\":[\"b\"],\"c\":{}},\"definitions\":{\"d\":{}},\"if\":{},\"then\":true,\"else\":false}")]
    [InlineData("{\"minimum\":-1.5,\"multipleOf\":0.1,\"x-mine\":7,\"nullable\":\"yes\",\"$ref\":\"#/definitions/d\"}")]
    public void FindFault_Schema_HasNone(string json) => Assert.Null(Fault(json));

    [Theory]
    [InlineData("[]", "parameters'")]
    [InlineData("3", "parameters'")]
    [InlineData("{\"type\":\"strng\"}", "parameters.type'")]
    [InlineData("{\"type\":[]}", "type'")]
    [InlineData("{\"type\":[\"string\",\"string\"]}", "without repeats")]
    [InlineData("{\"type\":null}", "type'")]
    [InlineData("{\"required\":\"a\"}", "required'")]
    [InlineData("{\"required\":[\"a\",\"a\"]}", "required'")]
    [InlineData("{\"properties\":{\"a\":{\"required\":true}}}", "parameters.properties.a.required'")]
    [InlineData("{\"properties\":[]}", "properties'")]
    [InlineData("{\"properties\":{\"a\":\"string\"}}", "properties.a'")]
    [InlineData("{\"items\":[]}", "items'")]
    [InlineData("{\"anyOf\":[]}", "anyOf'")]
    [InlineData("{\"allOf\":[{},{\"not\":1}]}", "parameters.allOf[1].not'")]
    [InlineData("{\"minLength\":-1}", "minLength'")]
    [InlineData("{\"maxItems\":1.5}", "maxItems'")]
    [InlineData("{\"minimum\":\"1\"}", "minimum'")]
    [InlineData("{\"exclusiveMinimum\":true}", "exclusiveMinimum'")]
    [InlineData("{\"multipleOf\":0}", "multipleOf'")]
    [InlineData("{\"uniqueItems\":1}", "uniqueItems'")]
    [InlineData("{\"enum\":\"a\"}", "enum'")]
    [InlineData("{\"title\":1}", "title'")]
    [InlineData("{\"dependencies\":{\"a\":[1]}}", "dependencies.a'")]
    public void FindFault_NoSchema_NamesThePlace(string json, string part) => Assert.Contains(part, Fault(json), StringComparison.Ordinal);

    [Fact]
    public void FindFault_ManyMembersUnderALongKey_CostsMemoryForTheFaultAlone()
    {
        string key = new('k', 1 << 20);
        string members = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"{i}\":1"));
        Assert.Equal(JsonReading.Ok, PythonJson.Load($"{{\"properties\":{{\"{key}\":{{{members},\"type\":1}}}}}}", out PythonJsonValue? value));
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? fault = Draft7MetaSchema.FindFault(value!);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * key.Length); // a path per member would be 2000 times the key
        Assert.StartsWith($"'parameters.properties.{key}.type' must be", fault, StringComparison.Ordinal);
    }

    private static string? Fault(string json)
    {
        Assert.Equal(JsonReading.Ok, PythonJson.Load(json, out PythonJsonValue? value));
        return Draft7MetaSchema.FindFault(value!);
    }
}
