package alatau.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import alatau.common.v1.Location;
import alatau.common.v1.PlanarPoint;
import alatau.common.v1.PlanarTravel;
import alatau.common.v1.SolveOptions;
import alatau.common.v1.Travel;
import alatau.freight.v1.Depot;
import alatau.freight.v1.RoutePlan;
import alatau.freight.v1.RoutingProblem;
import alatau.freight.v1.RoutingServiceGrpc;
import alatau.freight.v1.SolveRoutePlanRequest;
import alatau.freight.v1.VehicleType;
import alatau.freight.v1.Visit;
import com.google.protobuf.Duration;
import io.grpc.ManagedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The first call of a newcomer: typed stubs, nothing else. */
class FirstCallTest {

  @Test
  void oneVanGoesRoundTwoStops() {
    RoutingProblem problem =
        RoutingProblem.newBuilder()
            .addLocations(place("hub", 0, 0))
            .addLocations(place("east", 3, 4))
            .addLocations(place("west", -3, 4))
            .addDepots(Depot.newBuilder().setId("hub").setLocation("hub"))
            .addVehicleTypes(VehicleType.newBuilder().setId("van").setStart("hub").setEnd("hub"))
            .putTravel(
                "default", Travel.newBuilder().setPlanar(PlanarTravel.newBuilder()).build())
            .addVisits(Visit.newBuilder().setId("a").setLocation("east"))
            .addVisits(Visit.newBuilder().setId("b").setLocation("west"))
            .build();
    SolveOptions options =
        SolveOptions.newBuilder().setTimeLimit(Duration.newBuilder().setSeconds(1)).build();
    ManagedChannel channel = Server.connect();
    try {
      RoutePlan plan =
          RoutingServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(20, TimeUnit.SECONDS)
              .solveRoutePlan(
                  SolveRoutePlanRequest.newBuilder()
                      .setProblem(problem)
                      .setOptions(options)
                      .build())
              .getPlan();

      assertTrue(plan.getFeasible());
      assertEquals(5 + 6 + 5, plan.getCost().getTotal());
    } finally {
      channel.shutdownNow();
    }
  }

  private static Location place(String id, double x, double y) {
    return Location.newBuilder()
        .setId(id)
        .setPlanar(PlanarPoint.newBuilder().setX(x).setY(y))
        .build();
  }
}
