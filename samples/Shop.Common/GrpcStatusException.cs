namespace Shop.Common;

/// <summary>A call ended with another gRPC status than OK.</summary>
public sealed class GrpcStatusException(string message) : Exception(message);
