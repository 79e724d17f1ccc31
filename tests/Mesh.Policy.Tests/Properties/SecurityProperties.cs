using System.Text;
using System.Text.Json;
using FsCheck.Fluent;

namespace Mesh.Policy.Tests.Properties;

public sealed class SecurityProperties
{
    private static readonly PolicyKey Orders = PolicyKey.SecurityOf("orders");

    [Fact]
    public void ValidDocument_PrintedAndRead_IsTheSame() => PolicyProperties.Check(SecurityGen.OfGlobal, document =>
    {
        var text = PolicyWriter.Write(document);

        var result = PolicyReader.ReadSecurity(Encoding.UTF8.GetBytes(text), PolicyKey.GlobalSecurity);

        Assert.Empty(result.Problems);
        Assert.Equal(text, PolicyWriter.Write(result.Document!));
    });

    [Fact]
    public void ValidDocument_IsValidForTheSchema()
    {
        using var schema = JsonDocument.Parse(PolicySchema.Json(PolicyDocumentKind.Security));
        PolicyProperties.Check(SecurityGen.OfGlobal, document =>
        {
            using var value = JsonDocument.Parse(PolicyWriter.Write(document));

            Assert.True(SchemaChecker.Accepts(schema.RootElement, value.RootElement));
        });
    }

    [Fact]
    public void LockedMinimum_IsNeverLoosenedByAnyServiceDocument() =>
        PolicyProperties.Check(SecurityGen.OfGlobal.Zip(SecurityGen.OfService), pair =>
        {
            var (global, service) = pair;
            var alone = SecurityMerger.Merge("orders", global, null);

            var merged = SecurityMerger.Merge("orders", global, service);

            Assert.True(!global.Locks(SecurityLocks.InboundTls) || merged.InboundTls >= alone.InboundTls);
            Assert.True(!global.Locks(SecurityLocks.Intentions) || merged.Intentions >= alone.Intentions);
            Assert.True(!global.Locks(SecurityLocks.OutboundTls) || merged.OutboundTls >= alone.OutboundTls);

            // Whatever the service says stands beside what is locked, never instead of it.
            Assert.Same(alone.LockedAuthorization, merged.LockedAuthorization);
            Assert.Equal(global.Locks(SecurityLocks.Authorization), merged.LockedAuthorization is not null);
        });

    [Fact]
    public void WhatTheServiceSays_IsInForceOrItIsToldThatItIsNot() =>
        PolicyProperties.Check(SecurityGen.OfGlobal.Zip(SecurityGen.OfService), pair =>
        {
            var (global, service) = pair;
            var told = SecurityLocks.FindLoosened(global, service).ToDictionary(p => p.Path);

            var merged = SecurityMerger.Merge("orders", global, service);

            Expect("/inbound/tls", service.Inbound?.Tls, merged.InboundTls);
            Expect("/inbound/intentions", service.Inbound?.Intentions, merged.Intentions);
            Expect("/outbound/tls", service.Outbound?.Tls, merged.OutboundTls);
            if (service.Inbound?.Authorization is { } rules)
            {
                Assert.Same(rules, merged.Authorization);
            }

            void Expect<T>(string path, T? said, T inForce)
                where T : struct, Enum
            {
                Assert.Equal(said is not null && !said.Value.Equals(inForce), told.ContainsKey(path));
                if (said is not null)
                {
                    Assert.Equal(told.ContainsKey(path) ? "global:locked" : "service", merged.Origins[path]);
                }
            }
        });

    [Fact]
    public void OriginsOfAnyMerge_AreTheLayersTheValuesComeFrom() =>
        PolicyProperties.Check(SecurityGen.OfGlobal.Zip(SecurityGen.OfService), pair =>
        {
            var (global, service) = pair;
            var merged = SecurityMerger.Merge("orders", global, service);
            var layers = new Dictionary<string, SecurityPolicy>
            {
                ["default"] = SecurityMerger.Merge("orders", null, null),
                ["global"] = SecurityMerger.Merge("orders", global, null),
                ["global:locked"] = SecurityMerger.Merge("orders", global, null),
                ["service"] = SecurityMerger.Merge("orders", null, service),
            };

            Assert.Equal(layers[merged.Origins["/inbound/tls"]].InboundTls, merged.InboundTls);
            Assert.Equal(layers[merged.Origins["/inbound/intentions"]].Intentions, merged.Intentions);
            Assert.Equal(layers[merged.Origins["/outbound/tls"]].OutboundTls, merged.OutboundTls);
            Assert.Same(layers[merged.Origins["/inbound/authorization"]].Authorization, merged.Authorization);
        });

    [Fact]
    public void InboundOfAnyTwoDocuments_IsWithinBoundsAndKnowsItsOrigins() =>
        PolicyProperties.Check(DocumentGen.OfGlobal().Zip(DocumentGen.OfService), pair =>
        {
            var merged = PolicyMerger.MergeInbound(pair.Item1, pair.Item2);

            Assert.True(merged.Concurrency is null || merged.Concurrency.Min <= merged.Concurrency.Max);
            Assert.Equal(6, merged.Origins.Count);
            var said = pair.Item2.Inbound?.Rate is not null ? "service" : pair.Item1.Inbound?.Rate is not null ? "global" : "default";
            Assert.Equal(said, merged.Origins["/inbound/rate"]);
        });

    [Fact]
    public void ServiceDocument_NeverLocksAnything() => PolicyProperties.Check(SecurityGen.OfGlobal, document =>
    {
        var result = PolicyReader.ReadSecurity(Encoding.UTF8.GetBytes(PolicyWriter.Write(document)), Orders);

        Assert.Equal(document.Locked is null, result.IsAccepted);
    });
}
