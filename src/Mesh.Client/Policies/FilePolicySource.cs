using Mesh.Client.Pipeline;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <summary>
/// Documents from a folder laid out like the keys (<c>policy/services/orders.json</c>), for machines without a control
/// plane. Read again when it changes; looked at every few seconds, because change notices of shared folders get lost.
/// </summary>
internal sealed class FilePolicySource(
    string folder, PolicyStore store, TimeProvider time, ILogger<FilePolicySource> logger) : IDisposable
{
    /// <summary>The datacenter of revisions that come from no Consul.</summary>
    public const string Datacenter = "files";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private CancellationTokenSource? _life;
    private string? _trouble;

    /// <summary>Begins to read; harmless when it already does.</summary>
    public void Start()
    {
        if (_life is null)
        {
            _life = new CancellationTokenSource();
            PolicyLog.FromFolder(logger, folder);
            _ = BackgroundWork.Start("policy folder", RunAsync, logger, _life.Token);
        }
    }

    public void Stop()
    {
        _life?.Cancel();
        _life?.Dispose();
        _life = null;
    }

    public void Dispose() => Stop();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Read(cancellationToken);
            await Task.Delay(Every, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Read(CancellationToken cancellationToken)
    {
        try
        {
            var texts = Texts();
            var gone = store.Documents.Where(d => d.Value.Source == PolicySource.Files).Select(d => d.Key)
                .Except(texts.Select(t => t.Key)).ToArray();

            // A folder that is empty all at once is a volume that is not mounted: that opens no door.
            PolicyKey[] unproven = texts.Count > 0 ? [] : [.. gone.Where(k => k.Kind == PolicyDocumentKind.Security)];
            cancellationToken.ThrowIfCancellationRequested();
            store.Apply(PolicySource.Files, texts, [.. gone.Except(unproven)]);
            store.Orphan(PolicySource.Files, unproven, MeshReasons.Unproven);
            _trouble = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (_trouble != error.Message)
            {
                _trouble = error.Message;
                PolicyLog.FolderUnreadable(logger, folder, error.Message);
            }
        }

        store.FolderRead();
    }

    private List<PolicyText> Texts()
    {
        var texts = new List<PolicyText>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            if (PolicyKey.TryParse(relative[..^".json".Length], out var key))
            {
                var body = File.ReadAllBytes(file);
                texts.Add(new PolicyText(key, new PolicyRevision(Datacenter, 0, PolicyRevision.HashOf(body)), body));
            }
        }

        return texts;
    }
}
