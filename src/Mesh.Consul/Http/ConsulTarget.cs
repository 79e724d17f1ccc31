using System.Globalization;
using System.Text;

namespace Mesh.Consul;

/// <summary>Builds a request target. Names and keys are data: whatever they contain reaches Consul unchanged.</summary>
internal sealed class ConsulTarget
{
    private readonly StringBuilder _text;
    private char _separator = '?';

    private ConsulTarget(string path) => _text = new StringBuilder(path);

    /// <summary>Starts with a fixed path, relative to the agent's address.</summary>
    public static ConsulTarget For(string path) => new(path);

    /// <summary>Starts with a fixed path and one name as its last segment.</summary>
    public static ConsulTarget For(string path, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ConsulTarget(path + Uri.EscapeDataString(name));
    }

    /// <summary>Starts with a key or prefix, whose slashes separate segments.</summary>
    public static ConsulTarget ForKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new ConsulTarget("v1/kv/" + Uri.EscapeDataString(key).Replace("%2F", "/", StringComparison.Ordinal));
    }

    /// <summary>Adds an option; without a value it is a flag.</summary>
    public ConsulTarget With(string option, string? value = null)
    {
        _text.Append(_separator).Append(option);
        _separator = '&';
        if (value is not null)
        {
            _text.Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    /// <summary>Adds an option that is a number, if there is one.</summary>
    public ConsulTarget With(string option, ulong? value) =>
        value is { } number ? With(option, number.ToString(CultureInfo.InvariantCulture)) : this;

    /// <summary>Adds the options of a read.</summary>
    public ConsulTarget With(ConsulQuery query, string? defaultDatacenter)
    {
        WithDatacenter(query.Datacenter ?? defaultDatacenter);
        if (query.Consistency != ConsulConsistency.Default)
        {
            With(query.Consistency == ConsulConsistency.Stale ? "stale" : "consistent");
        }

        if (query.Filter is { } filter)
        {
            With("filter", filter);
        }

        if (query.Index > 0)
        {
            With("index", query.Index);
            if (query.Wait is { } wait)
            {
                With("wait", GoDuration.Format(wait));
            }
        }

        return this;
    }

    /// <summary>Adds the datacenter, if one is named.</summary>
    public ConsulTarget WithDatacenter(string? datacenter) => datacenter is null ? this : With("dc", datacenter);

    public override string ToString() => _text.ToString();
}
