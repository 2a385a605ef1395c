package alatau.client;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;

/** The running server that the tests call. */
final class Server {
  private Server() {}

  /** Opens a channel to the server that {@code ALATAU_ADDRESS} names. */
  static ManagedChannel connect() {
    return ManagedChannelBuilder.forTarget(Vector.setting("ALATAU_ADDRESS")).usePlaintext().build();
  }
}
