using System.Text;
using Mesh.ConfigServer.Editing;

namespace Mesh.ConfigServer.Tests.Editing;

public sealed class JsonMembersTests
{
    [Theory]
    [InlineData("{}", "{ \"a\": 1, \"b\": 2}")]
    [InlineData("\uFEFF{ }", "{ \"a\": 1, \"b\": 2 }")]
    [InlineData("// top\n{ /* in */ \"b\": { \"a\": 0 }, } // end", "// top\n{ \"a\": 1,  /* in */ \"b\": 2, } // end")]
    [InlineData("{\"a\":[1,{\"b\":3}],\"b\":\"\\\"}\"}", "{\"a\":1,\"b\":2}")]
    [InlineData("{\"x\":1}", "{ \"a\": 1, \"b\": 2, \"x\":1}")]
    public void Set_ReplacesOrAdds_AndLeavesTheRestAsItWas(string before, string after) =>
        Assert.Equal(after, Encoding.UTF8.GetString(JsonMembers.Set(Encoding.UTF8.GetBytes(before), ("a", "1"), ("b", "2"))!));

    [Theory]
    [InlineData("[]")]
    [InlineData("{ \"a\": ")]
    [InlineData("")]
    public void Set_OnWhatIsNoObject_DoesNothing(string text) =>
        Assert.Null(JsonMembers.Set(Encoding.UTF8.GetBytes(text), ("a", "1")));
}
