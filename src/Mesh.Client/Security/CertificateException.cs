namespace Mesh.Client.Security;

/// <summary>Certificates or keys could not be obtained; the message never has what is in them.</summary>
/// <param name="reason">A word of <see cref="MeshReasons"/>.</param>
/// <param name="message">One sentence.</param>
internal sealed class CertificateException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
