using System.Runtime.CompilerServices;
using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The life of a call. The order is the design:
/// <code>
/// 1 runtime    one volatile read; only the very first calls to a name wait, bounded, for its endpoints
/// 2 route      route and subset, once per call, kept by its retries           MeshCall.TakeRoute
/// 3 attempt    pick, lease, version, send                                     AttemptRunner.Send
/// 4 conclude   classify, teach the balancer and the outlier detection         AttemptRunner.Conclude
/// 5 retry      only when 4 was not good                                       RetryLoop
/// 6 redirect   only for clients that follow them, within the service          Redirects
/// 7 leave      the lease stays with the response body until that ends         EndpointLease
/// </code>
/// A call whose transport answers at once goes from 1 to 7 without an async frame.
/// </summary>
internal sealed class MeshPipeline
{
    private readonly MeshOptions _options;
    private readonly CallServices _services;
    private readonly AttemptRunner _runner;
    private readonly RetryLoop _retries;
    private readonly MeshCallPool _calls;
    private readonly AccessLog _log;

    // Upstreams whose first answer was waited for in vain: nobody waits for it again.
    private readonly ConditionalWeakTable<Upstream, object> _silent = [];

    public MeshPipeline(
        MeshOptions options,
        MeshSelf self,
        TimeProvider time,
        Random random,
        MeshInstruments instruments,
        ILoggerFactory loggers)
    {
        _options = options;
        _log = new AccessLog(options.AccessLog, loggers.CreateLogger(AccessLog.Category), time, random);
        _services = new CallServices(time, random, instruments, ReplayMemory.Shared, self.Service);
        _runner = new AttemptRunner(_services);
        _retries = new RetryLoop(_services, _runner);
        _calls = new MeshCallPool(_services);
    }

    /// <summary>What all calls share.</summary>
    public CallServices Services => _services;

    /// <summary>Sends a request to a service.</summary>
    /// <param name="client">The client's handler.</param>
    /// <param name="upstream">The service.</param>
    /// <param name="request">The request, left as it was when the call ends.</param>
    /// <param name="sync">Block instead of waiting: the task is complete when this returns.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public Task<HttpResponseMessage> SendAsync(
        MeshHandler client,
        Upstream upstream,
        HttpRequestMessage request,
        bool sync,
        CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        return upstream.Runtime is { } runtime
            ? Run(client, runtime, request, sync, cancellationToken)
            : ResolveAsync(client, upstream, request, sync, cancellationToken);
    }

    private Task<HttpResponseMessage> Run(
        MeshHandler client, ServiceRuntime runtime, HttpRequestMessage request, bool sync, CancellationToken caller)
    {
        var call = _calls.Rent();
        call.Begin(client, runtime, request, sync, caller);
        runtime.Upstream.LastUsed = call.Started;
        if (call.IsLate)
        {
            return FailAsync(call);
        }

        runtime.Upstream.Budget.Deposit(call.Started);
        var sending = _runner.Send(call, call.Started);
        if (sending is { IsCompletedSuccessfully: true } && _runner.Conclude(call, sending.Result, exception: null))
        {
            if (!MayRedirect(call, sending.Result))
            {
                Leave(call, sending.Result);
                return sending;
            }
        }

        return sending switch
        {
            null => FailAsync(call),
            { IsCompletedSuccessfully: true } => GoOnAsync(call, sending.Result, exception: null),
            _ => WaitAsync(call, sending),
        };
    }

    private async Task<HttpResponseMessage> WaitAsync(MeshCall call, Task<HttpResponseMessage> sending)
    {
        HttpResponseMessage? response = null;
        Exception? failure = null;
        try
        {
            call.Arm();
            response = await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (_runner.Conclude(call, response, failure) && !MayRedirect(call, response!))
        {
            Leave(call, response!);
            return response!;
        }

        return await GoOnAsync(call, response, failure).ConfigureAwait(false);
    }

    /// <summary>Retries, then redirects, then the end: whatever is not the common case.</summary>
    private async Task<HttpResponseMessage> GoOnAsync(MeshCall call, HttpResponseMessage? response, Exception? exception)
    {
        try
        {
            var answer = call.IsGood
                ? response!
                : await _retries.RunAsync(call, response, exception).ConfigureAwait(false);
            var hops = 0;
            while (MayRedirect(call, answer) && hops++ < call.Client.Settings.MaxRedirects
                && Redirects.TryFollow(call.Request, answer, call.Client.Names, call.Runtime.Upstream.Name))
            {
                answer = await FollowAsync(call, answer).ConfigureAwait(false);
            }

            Leave(call, answer);
            return answer;
        }
        catch (Exception failure)
        {
            _log.Failed(call, failure);
            End(call);
            throw;
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(MeshCall call, HttpResponseMessage redirect)
    {
        call.Endpoint.EndLease(call.Lease);
        redirect.Dispose();
        call.StartOver(call.Runtime.Upstream.Runtime ?? call.Runtime);
        if (_runner.Send(call, _services.Time.GetTimestamp()) is not { } sending)
        {
            return CallFailures.NoEndpoint(call, _services);
        }

        HttpResponseMessage? response = null;
        Exception? failure = null;
        try
        {
            call.Arm();
            response = await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        return _runner.Conclude(call, response, failure)
            ? response!
            : await _retries.RunAsync(call, response, failure).ConfigureAwait(false);
    }

    /// <summary>Nothing was sent: nobody is there to send it to, or to wait for the answer.</summary>
    private Task<HttpResponseMessage> FailAsync(MeshCall call)
    {
        try
        {
            var answer = call.IsLate ? CallFailures.Late(call, _services) : CallFailures.NoEndpoint(call, _services);
            Leave(call, answer);
            return Task.FromResult(answer);
        }
        catch (Exception failure) when (failure is MeshException or TaskCanceledException)
        {
            _log.Failed(call, failure);
            End(call);
            return Task.FromException<HttpResponseMessage>(failure);
        }
    }

    /// <summary>
    /// The first calls to a name: they wait for its endpoints and its policy, a bounded time; then the rule for unknown services
    /// decides. While no source answers, only those calls wait that were there when it began.
    /// </summary>
    private async Task<HttpResponseMessage> ResolveAsync(
        MeshHandler client, Upstream upstream, HttpRequestMessage request, bool sync, CancellationToken caller)
    {
        var limit = _options.Discovery.FirstAnswerTimeout;
        var started = _services.Time.GetTimestamp();
        upstream.LastUsed = started;
        if (!(upstream.FirstAnswer.IsCompleted && upstream.FirstPolicy.IsCompleted && upstream.FirstIdentity.IsCompleted) &&
            !_silent.TryGetValue(upstream, out _))
        {
            var waiting = WaitForAnswerAsync(upstream, limit, caller);
            if (sync)
            {
                waiting.GetAwaiter().GetResult();
            }

            await waiting.ConfigureAwait(false);
        }

        if (upstream.Runtime is null)
        {
            // Enough was waited for policy and identity: endpoints that are known are called on what is in force.
            upstream.SettlePolicy();
            upstream.SettleIdentity();
        }

        if (upstream.Runtime is { } runtime)
        {
            return await Run(client, runtime, request, sync, caller).ConfigureAwait(false);
        }

        if (PassesOn(upstream.IsDeclared))
        {
            _services.Instruments.Decision(
                upstream.Name,
                "pass_through",
                upstream.IsUnknown ? MeshReasons.UnknownService : MeshReasons.NoAnswer);
            return await client.PassOnAsync(request, sync, caller).ConfigureAwait(false);
        }

        _log.Unresolved(upstream.Name, request, CallFailures.WhyUnknown(upstream).Word(), started);
        return CallFailures.Unknown(upstream, request, _services, limit);
    }

    private async Task WaitForAnswerAsync(Upstream upstream, TimeSpan limit, CancellationToken caller)
    {
        try
        {
            var started = _services.Time.GetTimestamp();
            await upstream.FirstAnswer.WaitAsync(limit, _services.Time, caller).ConfigureAwait(false);
            var left = limit - _services.Time.GetElapsedTime(started);
            if (!upstream.IsUnknown && left > TimeSpan.Zero)
            {
                await Task.WhenAll(upstream.FirstPolicy, upstream.FirstIdentity)
                    .WaitAsync(left, _services.Time, caller).ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            _silent.TryAdd(upstream, this);
        }
    }

    /// <summary>Calls to a service of which nobody knows an endpoint go to the client's own handler.</summary>
    /// <param name="declared">Configuration lists the service, or it was seen with endpoints.</param>
    public bool PassesOn(bool declared) => _options.UnknownServices == UnknownServices.PassThrough && !declared;

    private static bool MayRedirect(MeshCall call, HttpResponseMessage response) =>
        call.Client.Settings.MaxRedirects > 0 && (int)response.StatusCode is >= 300 and < 400 && call.Error is null;

    /// <summary>The call ends with an answer, and the lease stays with its body.</summary>
    private void Leave(MeshCall call, HttpResponseMessage response)
    {
        if (call.Error is null && call.Verdict.GrpcStatus >= 0)
        {
            // Trailers-only: no body follows, though no header says so.
            call.Endpoint.EndLease(call.Lease);
        }
        else if (call.Error is null)
        {
            EndpointLease.Leave(call.Endpoint, call.Request, response, call.Terms, call.Lease);
        }

        _log.Answered(call, response);
        End(call);
    }

    private void End(MeshCall call)
    {
        if (_services.Instruments.MeasuresRequests)
        {
            var error = call.Error
                ?? ErrorTypes.Of(call.Verdict);
            _services.Instruments.Request(
                _services.Time.GetElapsedTime(call.Started).TotalSeconds,
                call.Runtime.Upstream.Name,
                call.RouteName,
                call.Verdict.StatusCode,
                error);
        }

        _calls.Return(call);
    }
}
