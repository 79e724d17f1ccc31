namespace Mesh.Client.Tests.Security;

public sealed class SpiffeIdTests
{
    private static readonly string Domain255 = new('d', 255);

    public static TheoryData<string> Good => new(
        "spiffe://td/a",
        "spiffe://shop.test/ns/default/dc/dc1/svc/web",
        "spiffe://11111111-2222-3333-4444-555555555555.consul/ns/default/dc/dc1/svc/web",
        "spiffe://under_score.test/A-b_c.d/..x/...",
        "spiffe://1.2.3.4/9",
        $"spiffe://{Domain255}/a",
        $"spiffe://td/{new string('p', SpiffeId.MaxLength - "spiffe://td/".Length)}");

    public static TheoryData<string?> Bad => new(
        null,
        "",
        "spiffe",
        "spiffe:/td/a",
        "spiffe://",
        "spiffe:///a",
        "spiffe://td",
        "spiffe://td/",
        "spiffe://td/a/",
        "spiffe://td//a",
        "spiffe://td/a//b",
        "spiffe://td/./a",
        "spiffe://td/a/..",
        "spiffe://td/../a",
        "SPIFFE://td/a",
        "https://td/a",
        " spiffe://td/a",
        "spiffe://td/a ",
        "spiffe://TD/a",
        "spiffe://td:8443/a",
        "spiffe://user@td/a",
        "spiffe://[::1]/a",
        "spiffe://t%64/a",
        "spiffe://tд/a",
        "spiffe://td/a?b",
        "spiffe://td/a#b",
        "spiffe://td/a%2Fb",
        "spiffe://td/%61",
        "spiffe://td/a b",
        "spiffe://td/ä",
        "spiffe://td/a\0b",
        "spiffe://td/a\\b",
        "spiffe://td/a:b",
        "spiffe://td/a*",
        $"spiffe://{Domain255}d/a",
        $"spiffe://td/{new string('p', SpiffeId.MaxLength - "spiffe://td/".Length + 1)}");

    [Theory]
    [MemberData(nameof(Good))]
    public void TryParse_AValidId_GivesItsParts_AndTheSameText(string text)
    {
        Assert.True(SpiffeId.TryParse(text, out var id));
        Assert.Equal(text, id.ToString());
        Assert.Equal(text, "spiffe://" + id.TrustDomain + id.Path);
        Assert.Equal(id, new SpiffeId(id.TrustDomain, id.Path));
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void TryParse_AnythingElse_IsNone(string? text)
    {
        Assert.False(SpiffeId.TryParse(text, out var id));
        Assert.Null(id);
    }

    [Fact]
    public void Ids_ThatDifferInCaseOnly_AreDifferent()
    {
        Assert.NotEqual(new SpiffeId("td", "/a"), new SpiffeId("td", "/A"));
    }

    [Theory]
    [InlineData("TD", "/a", "lower case")]
    [InlineData("td", "", "no path")]
    [InlineData("td", "aa", "does not begin with '/'")]
    [InlineData("td/x", "/a", "lower case")]
    [InlineData("", "/a", "no trust domain")]
    public void AnId_OfPartsThatAreNone_CannotBeMade(string trustDomain, string path, string expected)
    {
        var e = Assert.Throws<ArgumentException>(() => new SpiffeId(trustDomain, path));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
