namespace Mesh.Client.Hosting;

/// <summary>What the value of a setting must look like to be read.</summary>
internal enum MeshSettingKind
{
    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary><c>250ms</c>, <c>2s</c>, <c>10m</c>, <c>24h</c>, <c>1d</c>, or .NET's <c>00:00:02</c>.</summary>
    Duration,

    /// <summary>A name of <see cref="MeshAdoption"/>.</summary>
    Adoption,

    /// <summary>A name of <see cref="Mesh.Client.UnknownServices"/>.</summary>
    UnknownServices,

    /// <summary>A name of <see cref="MeshAccessLogMode"/>.</summary>
    AccessLogMode,

    /// <summary>A name of <see cref="MeshIdentitySource"/>.</summary>
    IdentitySource,

    /// <summary><c>5%</c>, or <c>0.05</c>.</summary>
    Share,
}
