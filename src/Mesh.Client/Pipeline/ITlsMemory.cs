namespace Mesh.Client.Pipeline;

/// <summary>Remembers from one run to the next which services were seen with TLS.</summary>
internal interface ITlsMemory
{
    /// <summary>The service was seen with TLS, or an operator wants that forgotten.</summary>
    void RecordTls(string service, bool seen);
}
