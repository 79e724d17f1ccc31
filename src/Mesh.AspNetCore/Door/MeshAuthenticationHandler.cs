using System.Security.Claims;
using System.Text.Encodings.Web;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Door;

/// <summary>Makes a principal of the peer that the connection proved.</summary>
internal sealed class MeshAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string IdClaim = "spiffe_id";
    private const string TrustDomainClaim = "trust_domain";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<IMeshPeerFeature>() is not { } peer)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.Name, peer.Service ?? peer.Id.ToString()),
                new Claim(IdClaim, peer.Id.ToString()),
                new Claim(TrustDomainClaim, peer.Id.TrustDomain),
            ],
            MeshAuthenticationBuilderExtensions.MeshScheme);
        return Task.FromResult(AuthenticateResult.Success(
            new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    // A status that asks for credentials would promise that some could be sent.
    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => RefuseAsync();

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => RefuseAsync();

    private Task RefuseAsync() => Refusal.WriteAsync(
        Context, StatusCodes.Status403Forbidden, GrpcStatus.PermissionDenied, MeshReasons.Caller,
        "The caller must prove an identity of the mesh that may do this.");
}
