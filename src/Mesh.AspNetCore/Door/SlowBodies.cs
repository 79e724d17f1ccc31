using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mesh.AspNetCore.Door;

/// <summary>Bodies whose application waits for the caller; looked at once a second.</summary>
internal sealed class SlowBodies(TimeProvider time)
{
    // Guards the set. What is called under it cancels a read of Kestrel's, which completes on another thread.
    private readonly Lock _lock = new();
    private readonly HashSet<PacedBody> _waiting = new(ReferenceEqualityComparer.Instance);

    public long Now => time.GetTimestamp();

    /// <summary>Takes the minimum rate from the connection to this one request, when there may be a body and a rate.</summary>
    public void Pace(HttpContext context, DoorKeeper keeper)
    {
        if (keeper.BodyRate is not { } rate ||
            context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } ||
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is not { } limit ||
            context.Features.Get<IRequestBodyPipeFeature>() is not { } pipe)
        {
            return;
        }

        limit.MinDataRate = null;
        var body = new PacedBody(this, context, pipe, rate);
        context.Request.Body = body;
        context.Features.Set<IRequestBodyPipeFeature>(body);
        context.Features.Set<IHttpMinRequestBodyDataRateFeature>(body);
    }

    public void Add(PacedBody body)
    {
        lock (_lock)
        {
            _waiting.Add(body);
        }
    }

    public void Remove(PacedBody body)
    {
        lock (_lock)
        {
            _waiting.Remove(body);
        }
    }

    /// <summary>Ends what is too slow.</summary>
    /// <returns>How many.</returns>
    public int Sweep()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                return 0;
            }

            var now = Now;
            return _waiting.RemoveWhere(body => body.EndIfTooSlow(now, time.TimestampFrequency));
        }
    }
}
