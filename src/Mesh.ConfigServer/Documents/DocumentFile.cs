using System.Text;
using System.Text.Json;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Policy;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Documents;

/// <summary>
/// The file that lets the desk start while Consul is down. Written beside and renamed, so that it is always whole; for
/// its owner's eyes only. Trouble with it is logged and never stops the desk.
/// </summary>
internal sealed class DocumentFile
{
    private readonly ILogger<DocumentFile> _logger;
    private bool _failed;

    public DocumentFile(IOptions<DeskOptions> options, MeshSelf self, MeshConsul consul, ILogger<DocumentFile> logger)
    {
        _logger = logger;
        var folder = options.Value.DataFolder ?? Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "mesh",
            "desk");

        // Replicas on one machine, and desks of several Consuls, must not read each other's memory.
        var identity = $"{consul.Client.Address}|{options.Value.Urls}";
        var hash = PolicyRevision.HashOf(Encoding.UTF8.GetBytes(identity));
        Name = Path.Combine(folder, $"{self.Mesh}-{hash}.json");
    }

    public string Name { get; }

    /// <returns><see langword="null"/> when there is none, or none that can be used.</returns>
    public DocumentFileWire? Load()
    {
        try
        {
            using var stream = File.OpenRead(Name);
            var saved = JsonSerializer.Deserialize(stream, DeskJson.Default.DocumentFileWire);
            return saved?.Schema == DocumentFileWire.CurrentSchema ? saved : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            DeskLog.FileUnreadable(_logger, Name, error.Message);
            return null;
        }
    }

    public void Save(DocumentFileWire content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Name)!);
            var beside = $"{Name}.{Environment.ProcessId}";
            using (var stream = new FileStream(beside, Options()))
            {
                JsonSerializer.Serialize(stream, content, DeskJson.Default.DocumentFileWire);
            }

            File.Move(beside, Name, overwrite: true);
            _failed = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_failed)
            {
                DeskLog.FileUnwritable(_logger, Name, error.Message);
            }

            _failed = true;
        }
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
