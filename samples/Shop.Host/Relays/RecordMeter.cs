using System.Buffers.Binary;

namespace Shop.Host.Relays;

/// <summary>
/// One direction of one connection, read as a sequence of TLS records: type, version and length of each header, and
/// whether a string that must never be readable is. Knows no key; what it says anybody on the wire could say.
/// </summary>
internal sealed class RecordMeter(RelayCounts counts, byte[] canary)
{
    private const int HeaderLength = 5;

    /// <summary>ChangeCipherSpec, Alert, Handshake, ApplicationData.</summary>
    private const byte FirstType = 20;
    private const byte LastType = 23;

    /// <summary>What TLS 1.0 to 1.3 write into a record; 1.3 writes 1.2, and 1.0 in its first one.</summary>
    private const ushort OldestVersion = 0x0301;
    private const ushort NewestVersion = 0x0303;

    /// <summary>2^14 of content, and what TLS 1.2 allows encryption to add.</summary>
    private const int LongestRecord = 16_384 + 2_048;

    private readonly byte[] _header = new byte[HeaderLength];
    private byte[] _tail = [];
    private int _headerRead;
    private int _left;
    private bool _isBroken;

    /// <summary>The next bytes, wherever they were cut.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        counts.AddBytes(bytes.Length);
        FindCanary(bytes);
        while (bytes.Length > 0 && !_isBroken)
        {
            if (_left > 0)
            {
                var skipped = Math.Min(_left, bytes.Length);
                _left -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            var taken = Math.Min(HeaderLength - _headerRead, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_headerRead));
            _headerRead += taken;
            bytes = bytes[taken..];
            if (_headerRead == HeaderLength)
            {
                BeginRecord();
            }
        }
    }

    private void BeginRecord()
    {
        _headerRead = 0;
        var version = BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(1));
        _left = BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(3));
        if (_header[0] is >= FirstType and <= LastType &&
            version is >= OldestVersion and <= NewestVersion &&
            _left <= LongestRecord)
        {
            counts.AddRecord();
            return;
        }

        // Whatever follows cannot be cut into records any more: one violation stands for the rest of this direction.
        _isBroken = true;
        counts.AddViolation();
    }

    private void FindCanary(ReadOnlySpan<byte> bytes)
    {
        var found = Count(bytes);
        var seam = canary.Length - 1;
        byte[] joint = [.. _tail, .. bytes[..Math.Min(seam, bytes.Length)]];

        // Both halves are shorter than the canary: what is found in the joint was cut in two.
        found += Count(joint);
        byte[] end = bytes.Length >= seam ? bytes[^seam..].ToArray() : joint;
        _tail = end.Length > seam ? end[^seam..] : end;
        if (found > 0)
        {
            counts.AddCanaries(found);
        }
    }

    private int Count(ReadOnlySpan<byte> bytes)
    {
        var found = 0;
        for (var at = bytes.IndexOf(canary); at >= 0; at = bytes.IndexOf(canary))
        {
            found++;
            bytes = bytes[(at + canary.Length)..];
        }

        return found;
    }
}
