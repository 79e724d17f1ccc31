using Mesh.Client.Pipeline;

namespace Mesh.Client.Tests.Pipeline;

public sealed class WireVersionTests
{
    [Theory]
    [InlineData("GET", "http", "1.1", "OrLower", "1.1", "Exact")]
    [InlineData("GET", "http", "1.0", "OrLower", "1.0", "Exact")]
    [InlineData("GET", "http", "1.1", "OrHigher", "1.1", "Exact")]
    [InlineData("GET", "http", "2.0", "OrLower", "1.1", "Exact")]
    [InlineData("GET", "http", "2.0", "Exact", "2.0", "Exact")]
    [InlineData("GET", "http", "2.0", "OrHigher", "2.0", "Exact")]
    [InlineData("GET", "http", "3.0", "OrLower", "1.1", "Exact")]
    [InlineData("GET", "http", "3.0", "Exact", "2.0", "Exact")]
    [InlineData("GET", "https", "1.1", "OrLower", "1.1", "OrLower")]
    [InlineData("GET", "https", "1.1", "Exact", "1.1", "Exact")]
    [InlineData("GET", "https", "1.1", "OrHigher", "2.0", "OrLower")]
    [InlineData("GET", "https", "2.0", "OrLower", "2.0", "OrLower")]
    [InlineData("GET", "https", "2.0", "OrHigher", "2.0", "Exact")]
    [InlineData("GET", "https", "3.0", "OrLower", "2.0", "OrLower")]
    [InlineData("GET", "https", "3.0", "Exact", "2.0", "Exact")]
    [InlineData("GET", "ws", "2.0", "OrLower", "1.1", "Exact")]
    [InlineData("CONNECT", "ws", "2.0", "OrLower", "2.0", "Exact")]
    public void For_WhatWasAsked_IsSentSo(
        string method, string scheme, string version, string policy, string sent, string sentPolicy)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{scheme}://orders/")
        {
            Version = Version.Parse(version),
            VersionPolicy = Enum.Parse<HttpVersionPolicy>("RequestVersion" + policy),
        };

        Assert.Equal(
            (Version.Parse(sent), Enum.Parse<HttpVersionPolicy>("RequestVersion" + sentPolicy)),
            WireVersion.For(request));
    }
}
