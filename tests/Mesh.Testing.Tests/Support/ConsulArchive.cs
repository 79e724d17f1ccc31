using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Testing.Tests;

/// <summary>
/// A release archive as HashiCorp lays it out, with a shell script for a binary, and a server for it.
/// </summary>
internal sealed class ConsulArchive
{
    public const string Platform = "linux_amd64";
    public const string Version = "9.8.7";

    public ConsulArchive(string entry = "consul", string content = "#!/bin/sh\necho 'Consul v9.8.7'\n")
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            using var writer = zip.CreateEntry(entry).Open();
            writer.Write(Encoding.UTF8.GetBytes(content));
        }

        Bytes = stream.ToArray();
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Bytes));
    }

    public byte[] Bytes { get; }

    public string Sha256 { get; }

    public BackendAnswer Answer => BackendAnswer.Custom(async context =>
    {
        context.Response.ContentLength = Bytes.Length;
        await context.Response.Body.WriteAsync(Bytes);
    });

    public ConsulRelease ReleaseAt(Uri server) => new(
        Version, new Uri(server, "/consul/"), new Dictionary<string, string> { [Platform] = Sha256 });
}
