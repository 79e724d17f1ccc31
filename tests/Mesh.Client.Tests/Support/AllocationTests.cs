namespace Mesh.Client.Tests.Support;

/// <summary>Tests that count bytes run alone: a busy machine makes the pool of calls run dry, which is right but costs.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests;
