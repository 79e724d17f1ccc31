namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Stands for the handler of this name in a package that the tests do not reference.</summary>
internal class ResilienceHandler : DelegatingHandler;
