using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

public sealed class PrivacyTests
{
    private const string Card = "4111111111111111";
    private const string Mail = "ana.private@example.org";
    private const string Bearer = "bearer-token-of-ana";

    [Fact]
    public async Task WhatCallsHold_IsNotInTheViewOfTheMesh()
    {
        await using var app = await InspectedApp.StartAsync();
        app.With("orders", InspectedApp.Endpoint("a"), InspectedApp.Endpoint("b"));
        using var client = app.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, new HttpMethod(Card) })
        {
            using var request = new HttpRequestMessage(method, $"http://orders/cards/{Card}?mail={Mail}");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Bearer}");
            request.Headers.TryAddWithoutValidation("Cookie", $"card={Card}");
            request.Headers.TryAddWithoutValidation("Idempotency-Key", Mail);
            request.Options.Set(MeshRequestOptions.HashKey, Card + Mail);
            if (method != HttpMethod.Get)
            {
                request.Content = new StringContent(Card + Mail + Bearer);
            }

            try
            {
                using var response = await client.SendAsync(request);
            }
            catch (HttpRequestException failed)
            {
                AssertSilent(failed.ToString());
            }
        }

        var view = await app.Http.GetStringAsync(new Uri("/mesh", UriKind.Relative));
        Assert.Contains("orders", view, StringComparison.Ordinal);
        AssertSilent(view);
    }

    private static void AssertSilent(string text) => Assert.All(
        [Card, Mail, Bearer], secret => Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase));
}
