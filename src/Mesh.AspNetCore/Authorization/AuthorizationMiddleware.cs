using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Who may call: the intentions of the registry, then the rules of the security document. Asked on every request, so that
/// what changes acts on connections that are open. Costs a read while nothing is configured, and no state machine unless
/// somebody has to be waited for.
/// </summary>
internal sealed class AuthorizationMiddleware(
    RequestDelegate next, AuthorizationGate gate, AuthorizationTally tally, DoorKeeper door)
{
    public Task InvokeAsync(HttpContext context)
    {
        // Plain ports are for what cannot prove who it is: health checks, scrapers.
        if (gate.State is not { } state || door.IsPlainPort(context.Connection.LocalPort))
        {
            return next(context);
        }

        if (state.Waits is { IsCompleted: false })
        {
            return InvokeAfterFirstWordAsync(context, state.Waits);
        }

        return Judge(context, state);
    }

    private Task Judge(HttpContext context, AuthorizationState state)
    {
        if (!state.NeedsUser)
        {
            return Act(context, state.Judge(context, default, tally));
        }

        // Most requests are decided before anybody asks for the end user. What is in shadow is told once, in the end.
        var verdict = state.Judge(context, default, tally: null);
        return verdict.Kind == VerdictKind.NeedsUser
            ? InvokeForUserAsync(context, state)
            : Act(context, state.Judge(context, default, tally));
    }

    private Task Act(HttpContext context, in Verdict verdict)
    {
        if (verdict.Kind == VerdictKind.Allow)
        {
            return next(context);
        }

        var reason = AuthorizationState.Reason(context, verdict);
        tally.Denied(context, verdict, reason);
        return Refusal.WriteAsync(
            context,
            reason == MeshReasons.AmbiguousPath ? StatusCodes.Status400BadRequest : StatusCodes.Status403Forbidden,
            GrpcStatus.PermissionDenied,
            reason,
            Sentence(reason));
    }

    private static string Sentence(string reason) => reason switch
    {
        MeshReasons.AmbiguousPath => "A rule looks at paths, and this one can be read in more than one way.",
        MeshReasons.Unidentified => "This service lets in callers with a certificate of the mesh only.",
        MeshReasons.Intention => "The caller may not call this service.",
        _ => "This request is not allowed.",
    };

    private async Task InvokeAfterFirstWordAsync(HttpContext context, Task firstWord)
    {
        await firstWord.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        await (gate.State is { } state ? Judge(context, state) : next(context)).ConfigureAwait(false);
    }

    private async Task InvokeForUserAsync(HttpContext context, AuthorizationState state)
    {
        Verdict verdict;
        try
        {
            var user = await EndUsers.AskAsync(context).ConfigureAwait(false);
            verdict = state.Judge(context, user, tally);
        }
        catch (Exception error) when (error is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            // The application's own code and settings: whatever it throws, nobody is let in for it.
            tally.UserUnknown(error);
            verdict = new Verdict(VerdictKind.Deny, Verdict.Otherwise, "the end user could not be found out");
        }

        await Act(context, verdict).ConfigureAwait(false);
    }
}
