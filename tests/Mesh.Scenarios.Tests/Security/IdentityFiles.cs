using Mesh.Client;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Security;

/// <summary>The certificates of a caller and its callees, as files that something outside of the mesh renews.</summary>
internal sealed class IdentityFiles
{
    private readonly string _folder;
    private readonly string _caller;
    private readonly string[] _callees;
    private readonly Dictionary<string, string> _leaves = [];

    public IdentityFiles(string folder, string caller, string[] callees)
    {
        (_folder, _caller, _callees) = (Path.Combine(folder, "identities"), caller, callees);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>The thumbprint of each callee's leaf as it was written last.</summary>
    public string[] Leaves => [.. _callees.Select((_, i) => _leaves[$"callee{i}"])];

    /// <summary>Gives everybody a new leaf of an authority, and these roots to trust.</summary>
    public void Write(TestAuthority issuer, params TestAuthority[] trusted)
    {
        var roots = string.Concat(trusted.Select(authority => authority.RootPem));
        Write("caller", _caller, issuer, roots);
        for (var i = 0; i < _callees.Length; i++)
        {
            Write($"callee{i}", _callees[i], issuer, roots);
        }
    }

    public (string Name, string Value)[] Settings(int callee) =>
    [
        ("Mesh__Identity__Source", nameof(MeshIdentitySource.Files)),
        ("Mesh__Identity__CertificateFile", PathOf($"callee{callee}", "crt")),
        ("Mesh__Identity__KeyFile", PathOf($"callee{callee}", "crt")),
        ("Mesh__Identity__RootsFile", PathOf($"callee{callee}", "roots")),
    ];

    public void Configure(MeshOptions options)
    {
        options.Identity.Source = MeshIdentitySource.Files;
        options.Identity.CertificateFile = options.Identity.KeyFile = PathOf("caller", "crt");
        options.Identity.RootsFile = PathOf("caller", "roots");
    }

    // Roots before leaves, and certificate and key in one file: nobody ever reads what does not belong together.
    private void Write(string name, string service, TestAuthority issuer, string roots)
    {
        using var leaf = issuer.Issue(service);
        _leaves[name] = leaf.Leaf.Thumbprint;
        Replace(PathOf(name, "roots"), roots);
        Replace(PathOf(name, "crt"), leaf.CertificatePem + leaf.KeyPem);
    }

    private static void Replace(string path, string content)
    {
        File.WriteAllText(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    private string PathOf(string name, string extension) => Path.Combine(_folder, $"{name}.{extension}");
}
