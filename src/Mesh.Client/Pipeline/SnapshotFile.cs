using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Reads and writes the snapshot: readable by its owner only, replaced atomically, refused when it is not exactly what
/// this process wrote.
/// </summary>
/// <param name="path">The file; <see langword="null"/> when there is no place for one.</param>
/// <param name="self">Whose snapshot it is.</param>
internal sealed class SnapshotFile(string? path, MeshSelf self)
{
    public string? Path { get; } = path;

    /// <summary>
    /// The place for the snapshot of a process: <c>&lt;mesh&gt;.&lt;service&gt;.&lt;hash of the program's
    /// folder&gt;.json</c>. Instance names may change with every start, so they cannot name it; two instances of one
    /// deployment on one machine share the file, which is harmless because each writes a complete one.
    /// </summary>
    /// <param name="folder">The configured folder; <see langword="null"/> is the user's local application data.</param>
    /// <param name="self">Whose snapshot.</param>
    /// <param name="programFolder">Tells deployments of one service apart.</param>
    /// <returns><see langword="null"/> when no folder is configured and the user has none.</returns>
    public static string? PathFor(string? folder, MeshSelf self, string programFolder)
    {
        if (string.IsNullOrEmpty(folder))
        {
            var data = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            if (data.Length == 0)
            {
                return null;
            }

            folder = System.IO.Path.Combine(data, "mesh");
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(programFolder)).AsSpan(0, 4));
        return System.IO.Path.Combine(folder, $"{Clean(self.Mesh)}.{Clean(self.Service)}.{hash}.json");
    }

    /// <summary>Reads it.</summary>
    /// <returns><see langword="null"/> when there is none.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="InvalidDataException">It is not a snapshot of this service in a known schema.</exception>
    public SnapshotDocument? Read()
    {
        if (!File.Exists(Path))
        {
            return null;
        }

        SnapshotDocument? document;
        try
        {
            using var stream = File.OpenRead(Path);
            document = JsonSerializer.Deserialize(stream, SnapshotJson.Default.SnapshotDocument);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"It is corrupt: {error.Message}", error);
        }

        return document switch
        {
            null => throw new InvalidDataException("It is empty."),
            { Schema: not SnapshotDocument.CurrentSchema } =>
                throw new InvalidDataException(
                    $"Its schema is {document.Schema}; {SnapshotDocument.CurrentSchema} is known."),
            _ when document.Mesh != self.Mesh || document.Service != self.Service =>
                throw new InvalidDataException($"It belongs to '{document.Service}' of mesh '{document.Mesh}'."),
            _ => document,
        };
    }

    /// <summary>Replaces it.</summary>
    /// <exception cref="IOException">It cannot be written, e.g. a full or read-only disk.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(SnapshotDocument document)
    {
        if (Path is null)
        {
            return;
        }

        CreateFolder(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
        var temporary = $"{Path}.{Environment.ProcessId}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(stream, document, SnapshotJson.Default.SnapshotDocument);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string Clean(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
}
