using System.Text.Json.Serialization;

namespace Shop.Common;

/// <summary>What a customer sends to check out.</summary>
public sealed record Checkout(string Id, string Product, int Quantity);

/// <summary>A booked order.</summary>
public sealed record Order(string Checkout, string Status, bool Repeated);

/// <summary>A product and its stock.</summary>
public sealed record Product(string Name, int Stock, string Version);

/// <summary>A request to pay.</summary>
public sealed record Charge(string Checkout, decimal Amount);

/// <summary>A payment.</summary>
public sealed record Receipt(string Checkout, bool Repeated);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Checkout))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(Charge))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(InstanceStats))]
public sealed partial class ShopJson : JsonSerializerContext;
