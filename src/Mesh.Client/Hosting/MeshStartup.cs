using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>
/// With a host, the declared upstreams are asked for before the application serves, so that its first calls need not wait,
/// and so is what is in force at its own door.
/// The wait is bounded and its end is never a failure: calls wait again, each for itself. Without a host the first call
/// starts everything.
/// </summary>
internal sealed partial class MeshStartup(IServiceProvider provider, TimeProvider time, ILogger<MeshStartup> logger)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Resolved here and not injected: the host makes its services before it validates options, and what is wrong with
        // the options is to be told by the validation, together with what is wrong with other options.
        var options = provider.GetRequiredService<MeshOptions>();
        var runtime = provider.GetRequiredService<MeshRuntime>();
        provider.GetRequiredService<BypassWatch>();
        WarnOfUnknownSettings();
        var policy = provider.GetRequiredService<PolicyFeed>();
        policy.Start();
        var upstreams = options.Upstreams.Keys.Select(name => runtime.GetUpstream(name.ToLowerInvariant())).ToArray();
        var identity = provider.GetRequiredService<IMeshIdentity>().FirstAnswer;
        var limit = policy.PatienceFor(options.Discovery.FirstAnswerTimeout);
        try
        {
            await Task.WhenAll(
                    [.. upstreams.SelectMany(u => new[] { u.FirstAnswer, u.FirstPolicy }), policy.Own.FirstWord, identity])
                .WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var patience = limit.TotalMilliseconds;
            var missing = upstreams.Where(u => !u.FirstAnswer.IsCompleted || !u.FirstPolicy.IsCompleted)
                .Select(u => u.Name).ToArray();
            if (missing.Length > 0)
            {
                Log.StartedWithout(logger, string.Join(", ", missing), patience);
            }

            if (!policy.Own.FirstWord.IsCompleted)
            {
                Log.StartedWithoutPolicy(logger, patience);
            }

            if (!identity.IsCompleted)
            {
                Log.StartedWithoutIdentity(logger, patience);
            }
        }
    }

    /// <summary>
    /// Services that stop later may still call. The connections end with the service provider, when nobody is left.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Not a failure: a newer file of settings must not stop an older program.</summary>
    private void WarnOfUnknownSettings()
    {
        MeshSettingsSchema[] schemas = [.. provider.GetServices<MeshSettingsSchema>()];
        var sections = provider.GetServices<IConfigureOptions<MeshOptions>>().OfType<MeshOptionsBinding>()
            .Select(binding => binding.Section).OfType<IConfigurationSection>().DistinctBy(section => section.Path);
        foreach (var (key, nearest) in sections.SelectMany(section => UnknownSettings.Find(section, schemas)))
        {
            if (nearest is null)
            {
                Log.UnknownSetting(logger, key);
            }
            else
            {
                Log.MistypedSetting(logger, key, nearest);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6014, LogLevel.Warning, "It is not clear within {Milliseconds:0} ms who this process is; starting "
            + "without an identity. Endpoints that speak TLS only cannot be called until there is one.",
            EventName = "StartedWithoutIdentity")]
        public static partial void StartedWithoutIdentity(ILogger logger, double milliseconds);

        [LoggerMessage(6011, LogLevel.Warning, "Setting {Key} is not known and has no effect.", EventName = "SettingUnknown")]
        public static partial void UnknownSetting(ILogger logger, string key);

        [LoggerMessage(6012, LogLevel.Warning, "Setting {Key} is not known and has no effect. Did you mean {Nearest}?",
            EventName = "SettingMistyped")]
        public static partial void MistypedSetting(ILogger logger, string key, string nearest);

        [LoggerMessage(6010, LogLevel.Warning, "No answer about {Upstreams} within {Milliseconds:0} ms; starting without. "
            + "Their endpoints are asked for on and on, and the first calls wait for them.",
            EventName = "StartedWithoutUpstreams")]
        public static partial void StartedWithout(ILogger logger, string upstreams, double milliseconds);

        [LoggerMessage(6013, LogLevel.Warning, "No word about this process's own policy within {Milliseconds:0} ms; starting "
            + "with the built-in defaults at its door until it comes.",
            EventName = "StartedWithoutOwnPolicy")]
        public static partial void StartedWithoutPolicy(ILogger logger, double milliseconds);
    }
}
